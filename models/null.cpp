// SPDX-License-Identifier: Apache-2.0
#include "models/null.h"

#include "models/batch.h"

namespace inpaintd {
namespace {

class NullInpainter final : public Inpainter {
 public:
  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (auto problem = check_batch(batch)) return *std::move(problem);
    std::vector<Pixels> answers;
    answers.reserve(batch.size());
    for (const NetworkInput& input : batch) answers.push_back(*input.image);
    return answers;
  }
  [[nodiscard]] std::string describe() const override { return "null: answers with the input image, computes nothing"; }
  [[nodiscard]] std::string model_name() const override { return "null"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }
};

}  // namespace

std::unique_ptr<Inpainter> make_null_inpainter() { return std::make_unique<NullInpainter>(); }

}  // namespace inpaintd
