// SPDX-License-Identifier: Apache-2.0
#include "actors/warm_up.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "models/batch.h"

namespace inpaintd {
namespace {

// A grey square with a hole in the middle.
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
  if (answers->size() != batch.size()) return wrong_count(answers->size(), batch.size());
  return std::nullopt;
}

/// Measures batches of a square of `side` until `end`, and appends to `measured`. Errors: the device is lost.
std::optional<EngineFailure> measure(Inpainter& engine, int side, const WarmUpSettings& settings, TimePoint end,
                                     std::vector<Measurement>& measured) {
  const GreyPicture picture(side);
  bool first = true;  // the first run includes work that is done once, so it is measured only if time allows no other
  for (std::size_t count = 1;;) {
    const Stopwatch watch;
    const auto failure = run(engine, std::vector<NetworkInput>(count, picture.input()));
    const Microseconds elapsed = watch.elapsed();
    if (failure && failure->kind == EngineFailure::Kind::device_lost) return failure;
    if (failure) {
      spdlog::warn("{}: warm-up ended at a batch of {}: {}", engine.device_name(), count, failure->message);
      break;
    }
    const bool prepared = engine.last_run_prepared();
    const bool again = (std::exchange(first, false) || prepared) && Clock::now() + elapsed < end;
    if (again) continue;
    if (!prepared) measured.push_back({picture.image.size(), count, elapsed});
    // The next batch takes about twice as long.
    if (count == settings.batch_size_max || Clock::now() + elapsed * 2 > end) break;
    count = std::min(count * 2, settings.batch_size_max);
  }
  return std::nullopt;
}

/// The expected time of one picture of `side`, from the last measurement.
Microseconds expected_time(const std::vector<Measurement>& measured, int side) {
  const Measurement& last = measured.back();
  const double pixels = static_cast<double>(last.size.width) * last.size.height * static_cast<double>(last.count);
  return Microseconds(static_cast<std::int64_t>(static_cast<double>(last.elapsed.count()) * side * side / pixels));
}

}  // namespace

Result<std::vector<Measurement>, EngineFailure> warm_up(Inpainter& engine, const WarmUpSettings& settings) {
  std::vector<Measurement> measured;
  if (settings.budget.count() == 0) return measured;
  const TimePoint end = Clock::now() + settings.budget;
  for (const int side : settings.sides) {
    if (side != settings.sides.front() && (measured.empty() || Clock::now() + expected_time(measured, side) > end))
      break;
    if (auto lost = measure(engine, side, settings, end, measured)) return *std::move(lost);
  }
  return measured;
}

std::optional<EngineFailure> check_engine(Inpainter& engine) {
  const GreyPicture picture(64);
  return run(engine, {picture.input()});
}

}  // namespace inpaintd
