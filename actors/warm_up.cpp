// SPDX-License-Identifier: Apache-2.0
#include "actors/warm_up.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace inpaintd {
namespace {

// Grey, with a hole in the middle.
struct GreyPicture {
  explicit GreyPicture(int side) : image(side, side, 3, 128), mask(side, side, 1) {
    for (int y = side / 4; y < side * 3 / 4; ++y)
      std::fill(mask.row(y) + side / 4, mask.row(y) + side * 3 / 4, std::uint8_t{255});
  }
  [[nodiscard]] NetworkInput input() const { return {&image, &mask}; }

  Pixels image;
  Pixels mask;
};

std::optional<EngineFailure> run(Inpainter& engine, const std::vector<NetworkInput>& batch) {
  const auto answers = engine.run(batch);
  if (!answers) return answers.error();
  if (answers->size() != batch.size())
    return EngineFailure{EngineFailure::Kind::failed, "the engine answered " + std::to_string(answers->size()) +
                                                          " of " + std::to_string(batch.size()) + " inputs"};
  return std::nullopt;
}

}  // namespace

Result<std::vector<Measurement>, EngineFailure> warm_up(Inpainter& engine, const WarmUpSettings& settings) {
  std::vector<Measurement> measured;
  if (settings.budget.count() == 0) return measured;
  const GreyPicture picture(256);
  const TimePoint end = Clock::now() + settings.budget;
  bool first = true;  // the first run pays for what is done once: it is not measured, unless there is time for no other
  for (std::size_t count = 1;;) {
    const TimePoint start = Clock::now();
    const auto failure = run(engine, std::vector<NetworkInput>(count, picture.input()));
    const auto elapsed = std::chrono::duration_cast<Microseconds>(Clock::now() - start);
    if (failure && failure->kind == EngineFailure::Kind::device_lost) return *failure;
    if (failure) {
      spdlog::warn("{}: warm-up ended at a batch of {}: {}", engine.device_name(), count, failure->message);
      break;
    }
    const bool prepared = engine.last_run_prepared();
    const bool again = (std::exchange(first, false) || prepared) && Clock::now() + elapsed < end;
    if (again) continue;
    if (!prepared) measured.push_back({picture.image.size(), count, elapsed});
    // The next takes about twice as long.
    if (count == settings.batch_size_max || Clock::now() + elapsed * 2 > end) break;
    count = std::min(count * 2, settings.batch_size_max);
  }
  return measured;
}

std::optional<EngineFailure> check_engine(Inpainter& engine) {
  const GreyPicture picture(64);
  return run(engine, {picture.input()});
}

}  // namespace inpaintd
