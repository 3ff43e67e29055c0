// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace inpaintd {

/// Server-sent events for one client, until the server takes them. Used on the event loop.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// True when there is something to take.
  [[nodiscard]] virtual bool ready() const = 0;
  /// The text of all events since the last call, in the form of the standard; empty when there are none.
  virtual std::string take() = 0;
  /// True when everything was taken and no event will follow.
  [[nodiscard]] virtual bool ended() const = 0;
  /// The server ends: adds a last event, after which the stream ends.
  virtual void close() = 0;

  /// Sets the function that is called when there is something to take, or when the stream ends.
  void when_ready(std::function<void()> call) { ready_ = std::move(call); }

 protected:
  void tell_ready() const {
    if (ready_) ready_();
  }

 private:
  std::function<void()> ready_;
};

}  // namespace inpaintd
