// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "image/pipeline.h"
#include "models/model_file.h"
#include "tools/inpaint/painter.h"

namespace inpaintd::tools {
namespace {

class LocalPainter : public Painter {
 public:
  LocalPainter(std::unique_ptr<Inpainter> engine, NetworkTraits network)
      : engine_(std::move(engine)), tiling_{.whole_pixels_max = network_pixels_max, .network = std::move(network)} {}

  Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) override {
    Request request;
    request.image = EncodedFile{image};
    request.mask = EncodedFile{mask};
    request.options = options;
    const auto input = prepare(request, ImageLimits{}, tiling_);
    if (!input) return PaintFailure{input.error().message};
    if (progress) progress(fmt::format("running {} window(s), {}", input->tiles.size(), engine_->describe()));

    std::vector<Pixels> predictions;
    for (const Tile& tile : input->tiles) {
      auto prediction = run(tile);
      if (!prediction) return PaintFailure{prediction.error().message};
      predictions.push_back(std::move(prediction->front()));
    }
    auto rendered = render(*input, predictions);
    if (!rendered) return PaintFailure{rendered.error().message};
    if (progress) progress(fmt::format("done; {}", describe(rendered->exact)));
    return Painting{std::move(rendered->bytes), rendered->exact, std::move(rendered->notes)};
  }

 private:
  Result<std::vector<Pixels>, EngineFailure> run(const Tile& tile) {
    const NetworkInput input{tile.image.get(), tile.mask.get(), tile.need};
    std::lock_guard lock(mutex_);
    return engine_->run({&input, 1});
  }

  std::mutex mutex_;  // an engine must be used by one thread at a time
  std::unique_ptr<Inpainter> engine_;
  TilingLimits tiling_;
};

}  // namespace

Result<std::unique_ptr<Painter>, PaintFailure> make_local_painter(const std::string& model, const std::string& device) {
  EngineOptions options;
  options.file = model;
  options.device = device.empty() ? available_devices().front() : device;
  const auto loaded = load_model(options.file);
  if (!loaded) return PaintFailure{loaded.error().message};
  auto engine =
      make_inpainter(options, *loaded, [](const std::string& text) { std::cerr << "warning: " << text << '\n'; });
  if (!engine) return PaintFailure{engine.error().message};
  return std::unique_ptr<Painter>(std::make_unique<LocalPainter>(std::move(*engine), traits_of(*loaded)));
}

}  // namespace inpaintd::tools
