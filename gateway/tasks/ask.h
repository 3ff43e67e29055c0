// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "core/result.h"
#include "http/event_loop.h"

namespace inpaintd::gateway {

/// Runs `call` on a thread of `where`, and `then` with its result, a Result, on `loop`. Without memory for `call` the
/// result is the error `overloaded`.
template <class Call, class Then>
void ask(Loop& loop, Loop& where, Call call, Then then) {
  using Answer = decltype(call());
  where.offload([&loop, call = std::move(call), then = std::move(then)] {
    const auto answer = [&call]() -> std::shared_ptr<Answer> {
      try {
        return std::make_shared<Answer>(call());
      } catch (const std::exception&) {
        return std::make_shared<Answer>(
            Error{ErrorCode::overloaded, "the gateway has no memory left for the task; try again"});
      }
    }();
    loop.post([answer, then]() mutable { then(std::move(*answer)); });
  });
}

}  // namespace inpaintd::gateway
