// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/retry.h"

#include <doctest/doctest.h>

#include <vector>

namespace inpaintd {

using namespace std::chrono_literals;

TEST_CASE("only retryable errors have a back-off") {
  for (const ErrorInfo& row : error_table) {
    CAPTURE(row.name);
    CHECK(retry_wait({row.code, ""}, 0, 0).has_value() == row.retryable);
  }
}

TEST_CASE("the back-off is retry_after; without it the back-off doubles from 0.2 s up to 6.4 s") {
  CHECK(retry_wait({ErrorCode::overloaded, "", 1500ms}, 0, 0) == 1500ms);
  CHECK(retry_wait({ErrorCode::overloaded, "", 1500ms}, 9, 0) == 1500ms);
  const std::vector<std::chrono::milliseconds> waits{200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 6400ms};
  for (std::size_t attempt = 0; attempt < waits.size(); ++attempt)
    CHECK(retry_wait({ErrorCode::shutting_down, ""}, static_cast<int>(attempt), 0) == waits[attempt]);
}

TEST_CASE("jitter adds up to a quarter to the back-off") {
  CHECK(retry_wait({ErrorCode::overloaded, "", 1000ms}, 0, 0.5) == 1125ms);
  CHECK(retry_wait({ErrorCode::overloaded, "", 1000ms}, 0, 1) == 1250ms);
}

}  // namespace inpaintd
