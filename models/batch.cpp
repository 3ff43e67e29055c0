// SPDX-License-Identifier: Apache-2.0
#include "models/batch.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <string>

namespace inpaintd {
namespace {

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

bool side_is_possible(int side) { return side >= network_side_min && side % network_side_multiple == 0; }

std::string problem_of(const NetworkInput& input, Size expected) {
  if (!input.image || !input.mask) return "an image or a mask is missing";
  const Size size = input.image->size();
  if (input.image->channels != 3 || input.mask->channels != 1) return "the image must have 3 channels and the mask 1";
  if (input.mask->size() != size)
    return fmt::format("the mask is {}, the image {}", size_text(input.mask->size()), size_text(size));
  if (!side_is_possible(size.width) || !side_is_possible(size.height))
    return fmt::format("the size is {}; both sides must be multiples of 8 and at least 16", size_text(size));
  const Rect& need = input.need;
  if (!need.empty() && (need.x < 0 || need.y < 0 || need.right() > size.width || need.bottom() > size.height))
    return "the needed part reaches beyond the prediction";
  if (size != expected)
    return fmt::format("the size is {}, that of the batch {}", size_text(size), size_text(expected));
  return {};
}

}  // namespace

std::optional<EngineFailure> check_batch(std::span<const NetworkInput> batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Size expected = batch[0].image ? batch[0].image->size() : Size{};
    if (std::string problem = problem_of(batch[i], expected); !problem.empty())
      return EngineFailure{EngineFailure::Kind::failed, fmt::format("input {} of the batch: {}", i, problem)};
  }
  return std::nullopt;
}

EngineFailure not_finite(std::size_t input) {
  return {EngineFailure::Kind::not_finite,
          fmt::format("the prediction of input {} of the batch holds NaN or Inf", input)};
}

int thread_count(int threads) {
  if (threads > 0) return threads;
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  return std::max(1, CPU_COUNT(&usable));
}

}  // namespace inpaintd
