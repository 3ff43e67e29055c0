// SPDX-License-Identifier: Apache-2.0
#include "models/null/inpainter.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "models/batch.h"
#include "models/null/faults.h"
#include "models/null/pace.h"

namespace inpaintd {
namespace {

class NullInpainter final : public Inpainter {
 public:
  NullInpainter(Pace pace, std::string pace_text) : pace_(pace), pace_text_(std::move(pace_text)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (auto problem = check_batch(batch)) return *std::move(problem);
    std::int64_t pixels = 0;
    for (const NetworkInput& input : batch) pixels += std::int64_t{input.image->width} * input.image->height;
    if (const auto time = pace_.time(batch.size(), pixels); time.count() > 0) std::this_thread::sleep_for(time);
    std::vector<Pixels> answers;
    answers.reserve(batch.size());
    for (const NetworkInput& input : batch) answers.push_back(*input.image);
    return answers;
  }
  [[nodiscard]] std::string describe() const override {
    return "null: answers with the input image " + (pace_text_.empty() ? "at once" : "after " + pace_text_) +
           ", computes nothing";
  }
  [[nodiscard]] std::string model_name() const override { return "null"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }
  [[nodiscard]] std::string precision() const override { return "none"; }
  [[nodiscard]] std::string way() const override { return "null"; }

 private:
  const Pace pace_;
  const std::string pace_text_;
};

}  // namespace

Result<std::unique_ptr<Inpainter>, EngineFailure> make_null_inpainter(const std::string& pace,
                                                                      const std::string& faults) {
  const auto parsed = parse_pace(pace);
  if (!parsed)
    return EngineFailure{
        EngineFailure::Kind::failed,
        fmt::format("model.null_pace: \"{}\" is not a time; write the time of each batch such as 20ms, or the "
                    "times of each batch and of each picture such as 4ms+700us, or also the time of each million "
                    "pixels such as 20ms+5ms+19ms/MP",
                    pace)};
  auto list = parse_faults(faults);
  if (!list) return list.error();
  return with_faults(std::make_unique<NullInpainter>(*parsed, pace), *std::move(list));
}

}  // namespace inpaintd
