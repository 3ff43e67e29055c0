// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::test {

/// A port of 127.0.0.1 that the system gives to no other program during the life of the object, so that tests which run
/// at the same time use different ports. A server that sets SO_REUSEADDR, as nats-server and inpaintd do, can listen on
/// the port, and can do so again after a restart.
class ReservedPort {
 public:
  /// Throws std::runtime_error when no port is free.
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  [[nodiscard]] int number() const { return number_; }

 private:
  int socket_;  ///< bound, never listening
  int number_ = 0;
};

}  // namespace inpaintd::test
