// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "core/job.h"

namespace inpaintd::test {

struct JobSpec {
  Priority priority = Priority::normal;
  std::chrono::milliseconds timeout{60'000};
  Size size{64, 64};
  std::size_t tiles = 1;
};

/// A job of black tiles that was received at `received`.
inline JobPtr make_job(TimePoint received, const JobSpec& spec) {
  const auto [width, height] = spec.size;
  Input input;
  for (std::size_t i = 0; i < spec.tiles; ++i)
    input.tiles.push_back({{0, 0, width, height},
                           spec.size,
                           std::make_shared<Pixels>(width, height, 3),
                           std::make_shared<Pixels>(width, height, 1)});
  Ticket ticket;
  ticket.priority = spec.priority;
  ticket.received = received;
  ticket.deadline = received + spec.timeout;
  return std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), Microseconds{});
}

}  // namespace inpaintd::test
