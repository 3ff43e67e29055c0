// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::test {

/// A port of 127.0.0.1 that the system gives to no other program while the object lives, so that tests which run at the
/// same time do not take each other's. A server that sets SO_REUSEADDR, as nats-server and inpaintd do, can listen
/// there, and again after it was ended.
class ReservedPort {
 public:
  /// Throws std::runtime_error when there is none.
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
