// SPDX-License-Identifier: Apache-2.0
#include "models/null.h"

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "models/batch.h"

namespace inpaintd {
namespace {

class NullInpainter final : public Inpainter {
 public:
  explicit NullInpainter(std::chrono::milliseconds pace) : pace_(pace) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (auto problem = check_batch(batch)) return *std::move(problem);
    if (pace_.count() > 0) std::this_thread::sleep_for(pace_);
    std::vector<Pixels> answers;
    answers.reserve(batch.size());
    for (const NetworkInput& input : batch) answers.push_back(*input.image);
    return answers;
  }
  [[nodiscard]] std::string describe() const override {
    return "null: answers with the input image after " + std::to_string(pace_.count()) + " ms, computes nothing";
  }
  [[nodiscard]] std::string model_name() const override { return "null"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }

 private:
  const std::chrono::milliseconds pace_;
};

}  // namespace

Result<std::unique_ptr<Inpainter>, EngineFailure> make_null_inpainter(const std::string& pace) {
  int ms = 0;
  const auto [rest, error] = std::from_chars(pace.data(), pace.data() + pace.size(), ms);
  const bool good = pace.empty() || (error == std::errc() && std::string_view(rest) == "ms" && ms >= 0);
  if (!good)
    return EngineFailure{
        EngineFailure::Kind::failed,
        "the null engine has no model file; in its place may stand a time per batch such as 20ms, not \"" + pace +
            "\""};
  return std::unique_ptr<Inpainter>(std::make_unique<NullInpainter>(std::chrono::milliseconds(ms)));
}

}  // namespace inpaintd
