// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/api.h"

namespace inpaintd::gateway {

/// One row of the table of paths.
struct Api::Route {
  enum class Token : std::uint8_t { none, needed };  ///< a task can be read with its id alone
  enum class Body : std::uint8_t { none, small, pictures };

  std::string_view method;
  std::string_view pattern;  ///< `*` stands for one part of the path
  Contract contract;         ///< the form of its errors
  Token token;
  Body body;
  void (Api::*handler)(const HttpExchangePtr& exchange);
};

/// True when `path` has the parts of `pattern`, and any part, not empty, for each `*`.
bool matches(std::string_view pattern, std::string_view path);

/// The part with this index, counted from 0: part("/tasks/1/result", 1) is "1". Empty when there is none.
std::string_view part(std::string_view path, int index);

}  // namespace inpaintd::gateway
