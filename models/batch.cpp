// SPDX-License-Identifier: Apache-2.0
#include "models/batch.h"

#include <fmt/format.h>

#include <exception>
#include <new>
#include <string>

#include "core/cores.h"
#include "core/network_input.h"
#include "core/units.h"

namespace inpaintd {
namespace {

bool side_is_possible(int side, int multiple) { return side >= network_side_min && side % multiple == 0; }

std::string problem_of(const NetworkInput& input, Size expected, int multiple) {
  if (!input.image || !input.mask) return "an image or a mask is missing";
  const Size size = input.image->size();
  if (input.image->channels != 3 || input.mask->channels != 1) return "the image must have 3 channels and the mask 1";
  if (input.mask->size() != size)
    return fmt::format("the mask is {}, the image {}", size_text(input.mask->size()), size_text(size));
  if (!side_is_possible(size.width, multiple) || !side_is_possible(size.height, multiple))
    return fmt::format("the size is {}; both sides must be multiples of {} and at least {}", size_text(size), multiple,
                       network_side_min);
  const Rect& need = input.need;
  if (!need.empty() && (need.x < 0 || need.y < 0 || need.right() > size.width || need.bottom() > size.height))
    return "the needed part reaches beyond the prediction";
  if (size != expected)
    return fmt::format("the size is {}, that of the batch {}", size_text(size), size_text(expected));
  return {};
}

}  // namespace

std::optional<EngineFailure> check_batch(std::span<const NetworkInput> batch, int side_multiple) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Size expected = batch[0].image ? batch[0].image->size() : Size{};
    if (std::string problem = problem_of(batch[i], expected, side_multiple); !problem.empty())
      return EngineFailure{EngineFailure::Kind::failed, fmt::format("input {} of the batch: {}", i, problem)};
  }
  return std::nullopt;
}

EngineFailure wrong_count(std::size_t answers, std::size_t inputs) {
  return {EngineFailure::Kind::failed,
          fmt::format("the engine returned {} predictions for {} inputs", answers, inputs)};
}

EngineFailure not_finite(std::size_t input) {
  return {EngineFailure::Kind::not_finite,
          fmt::format("the prediction of input {} of the batch holds NaN or Inf", input)};
}

EngineFailure standard_failure() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {EngineFailure::Kind::out_of_memory, "out of memory"};
  } catch (const std::exception& error) {
    return {EngineFailure::Kind::failed, error.what()};
  } catch (...) {
    return {EngineFailure::Kind::failed, "the engine failed with an unknown exception"};
  }
}

int thread_count(int threads) { return threads > 0 ? threads : usable_cores(); }

}  // namespace inpaintd
