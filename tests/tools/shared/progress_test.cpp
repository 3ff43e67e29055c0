// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/progress.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {

using namespace std::chrono_literals;

TEST_CASE("replies and retries are described in words") {
  CHECK(describe_progress(wire::Queued{"id", 3, 2100ms}) == "queued, 3 ahead, about 2 s");
  CHECK(describe_progress(wire::Queued{"id", 0, 0ms}) == "queued, next");
  CHECK(describe_progress(wire::Queued{"id", 1, 340ms}) == "queued, 1 ahead, about 0.3 s");
  CHECK(describe_progress(wire::Running{"id", 4, "cuda:0"}) == "running in a batch of 4 on cuda:0");
  wire::Done done;
  done.timings.total = 850ms;
  CHECK(describe_progress(done) == "done in 0.85 s");
  CHECK(describe_retry("overloaded", 500ms) == "overloaded, next attempt in 0.5 s");
}

TEST_CASE("the progress bar shows the settled pictures, and the rate of those that were run") {
  CHECK(progress_bar({10, 4, 1, 0, 0}, 2s) == "[###############...............]  5/10  2.0/s");
  CHECK(progress_bar({3, 1, 0, 1, 1}, 1s) == "[##############################]  3/3  2.0/s  1 failed");
  CHECK(progress_bar({0, 0, 0, 0, 0}, 0s) == "[##############################]  0/0");
}

TEST_CASE("the summary leaves out counts of 0") {
  CHECK(summary({3, 3, 0, 0, 0}, 1500ms) == "3 done, in 1.5 s");
  CHECK(summary({10, 3, 2, 1, 3}, 2s) == "3 done, 2 already there, 1 failed, 3 without a mask, 1 not tried, in 2.0 s");
  CHECK(summary({.total = 5, .done = 5, .empty_masks = 2, .left_out = 4}, 1s) ==
        "5 done, 2 of them with an empty mask, 4 left out, in 1.0 s");
}

}  // namespace inpaintd::tools
