// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "bus/wire/wire.h"
#include "core/trace.h"

namespace inpaintd::wire {
namespace {

constexpr const char* traceparent_key = "traceparent";

}  // namespace

Headers error_headers(const Error& error) {
  std::string text = error.message;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';  // a line break would end the header
  return {{"Nats-Service-Error", std::move(text)},
          {"Nats-Service-Error-Code", fmt::to_string(info(error.code).number)}};
}

std::string traceparent(const Message& message) {
  std::string value = message.header(traceparent_key);
  return valid_traceparent(value) ? value : std::string();
}

Headers with_trace(Headers headers, const std::string& traceparent) {
  if (!traceparent.empty()) headers.emplace_back(traceparent_key, traceparent);
  return headers;
}

}  // namespace inpaintd::wire
