// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/request.h"
#include "http/event_stream.h"
#include "http/target.h"

/// HTTP as services see it. Nothing here knows the HTTP library.
namespace inpaintd {

/// A request. Without its body until the body was admitted and read.
struct HttpRequest {
  std::string method;
  HttpTarget target;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  std::shared_ptr<void> body_place;  ///< the body's place in the bound of all bodies; dropped with the body

  /// Empty when there is no such header; `name` is in lower case.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

/// Bytes with their owner, so that a picture is not copied.
struct HttpContent {
  std::shared_ptr<const void> owner;
  Bytes bytes;

  static HttpContent of(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    const Bytes bytes{reinterpret_cast<const std::uint8_t*>(owner->data()), owner->size()};
    return {std::move(owner), bytes};
  }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

/// An answer.
struct HttpReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without Content-Length, Date and Connection
  HttpContent content;

  static HttpReply of(int status, std::string content_type, std::string text) {
    return {status, {{"Content-Type", std::move(content_type)}}, HttpContent::of(std::move(text))};
  }
};

/// A request on its way to its answer. Used on the event loop only.
class HttpExchange {
 public:
  using Answer = std::variant<HttpReply, std::shared_ptr<EventStream>>;

  explicit HttpExchange(HttpRequest request) : request_(std::move(request)) {}

  [[nodiscard]] HttpRequest& request() { return request_; }

  /// More headers for the answer, be it a reply or a stream.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Kept as long as the request waits, such as the watch of its task.
  std::shared_ptr<const void> kept;

  /// Answers the request, with a whole reply or with a stream of events. The first answer counts.
  void answer(Answer answer) {
    if (answer_) return;
    answer_ = std::move(answer);
    if (answered_) answered_();
  }

  /// For the server: the answer, once there is one.
  [[nodiscard]] std::optional<Answer>& given() { return answer_; }
  /// For the server: sets the function that is called when the answer comes.
  void when_answered(std::function<void()> call) { answered_ = std::move(call); }

 private:
  HttpRequest request_;
  std::optional<Answer> answer_;
  std::function<void()> answered_;
};
using HttpExchangePtr = std::shared_ptr<HttpExchange>;

}  // namespace inpaintd
