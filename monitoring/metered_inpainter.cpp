// SPDX-License-Identifier: Apache-2.0
#include "monitoring/metered_inpainter.h"

#include <utility>

namespace inpaintd {
namespace {

/// Forwards every call to an engine, and measures its runs.
class Metered final : public Inpainter {
 public:
  Metered(std::unique_ptr<Inpainter> engine, std::shared_ptr<DeviceLoad> load, std::shared_ptr<Metrics> metrics)
      : engine_(std::move(engine)), load_(std::move(load)), metrics_(std::move(metrics)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    // A destructor ends the batch, also if the engine throws against its contract: the next engine of the slot must not
    // find the slot busy.
    struct EndOfBatch {
      DeviceLoad& load;
      bool succeeded = false;
      ~EndOfBatch() { load.end(succeeded, Clock::now()); }
    };
    metrics_->batch_size.observe(static_cast<double>(batch.size()));
    load_->begin(batch.size(), Clock::now());
    EndOfBatch end{*load_};
    const std::uint64_t retries_before = engine_->retries();
    auto answers = engine_->run(batch);
    end.succeeded = static_cast<bool>(answers);
    metrics_->not_finite += engine_->retries() - retries_before;
    if (!answers && answers.error().kind == EngineFailure::Kind::not_finite) ++metrics_->not_finite;
    return answers;
  }
  [[nodiscard]] bool last_run_prepared() const override { return engine_->last_run_prepared(); }
  void release_memory() override { engine_->release_memory(); }
  [[nodiscard]] std::uint64_t retries() const override { return engine_->retries(); }
  [[nodiscard]] std::string describe() const override { return engine_->describe(); }
  [[nodiscard]] std::string model_name() const override { return engine_->model_name(); }
  [[nodiscard]] std::string device_name() const override { return engine_->device_name(); }
  [[nodiscard]] std::string precision() const override { return engine_->precision(); }
  [[nodiscard]] std::string way() const override { return engine_->way(); }

 private:
  const std::unique_ptr<Inpainter> engine_;
  const std::shared_ptr<DeviceLoad> load_;
  const std::shared_ptr<Metrics> metrics_;
};

}  // namespace

EngineFactory metered(EngineFactory factory, std::shared_ptr<DeviceLoad> load, std::shared_ptr<Metrics> metrics) {
  return [factory = std::move(factory), load = std::move(load),
          metrics = std::move(metrics)]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
    auto engine = factory();
    if (!engine) return engine;
    return std::unique_ptr<Inpainter>(std::make_unique<Metered>(std::move(*engine), load, metrics));
  };
}

}  // namespace inpaintd
