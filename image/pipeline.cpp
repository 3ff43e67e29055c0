// SPDX-License-Identifier: Apache-2.0
#include "image/pipeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "image/filling.h"
#include "image/footprint.h"
#include "image/formats/formats.h"
#include "image/network_view.h"
#include "image/retouch.h"

namespace inpaintd {
namespace {

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Refused{std::move(result.error())};
  return std::move(*result);
}

/// The part of the picture that the answer shows.
Rect region_of(const Input& input) {
  const Size size = input.picture.rgb.size();
  if (input.options.region == Region::full) return {0, 0, size.width, size.height};
  return input.holes->box.empty() ? Rect{0, 0, 1, 1} : input.holes->box;
}

std::shared_ptr<const HolePlan> plan_for(const Request& request, Size size, const ImageLimits& limits,
                                         const TilingLimits& tiling, const HolePlans* plans) {
  Fingerprint key;
  if (plans) {
    key = plans->fingerprinter.of(request.mask, size, request.options);
    if (auto known = plans->cache.find(key)) return known;
  }
  DecodedMask mask = value_of(decode_mask(request.mask, size, limits, request.options.mask_values));
  HolePlan made = plan_holes(std::move(mask.holes), request.options, tiling);
  made.notes = std::move(mask.notes);
  auto plan = std::make_shared<const HolePlan>(std::move(made));
  if (plans) plans->cache.insert(key, plan, bytes_of(*plan));
  return plan;
}

void check_whole(Size picture, Strategy strategy, const TilingLimits& limits) {
  const std::int64_t pixels = std::int64_t{picture.width} * picture.height;
  if (strategy != Strategy::whole || pixels <= limits.whole_pixels_max) return;
  refuse(ErrorCode::too_large,
         "a picture of " + text(picture.width, picture.height) + " exceeds the limit of strategy \"whole\", " +
             std::to_string(limits.whole_pixels_max) + " pixels; ask for strategy \"crop\" or \"resize\"");
}

void ask(const Admit& admit, std::size_t bytes) {
  if (!admit) return;
  if (Status answer = admit(bytes); !answer) throw Refused{std::move(answer.error())};
}

void check_fit(const std::vector<Tile>& tiles, const std::vector<Pixels>& predictions) {
  bool fit = tiles.size() == predictions.size();
  for (std::size_t i = 0; fit && i < tiles.size(); ++i)
    fit = predictions[i].size() == tiles[i].network_size() && predictions[i].channels == 3;
  if (!fit) refuse(ErrorCode::internal, "the predictions do not fit the tiles; report this fault");
}

}  // namespace

Result<Input> prepare(const Request& request, const ImageLimits& limits, const TilingLimits& tiling,
                      const HolePlans* plans, const Admit& admit) {
  return guarded<Input>([&] {
    const Header picture = image_header(request.image, limits);
    check_whole(picture.size, request.options.strategy, tiling);
    const Header mask = mask_header(request.mask, picture.size, limits);
    ask(admit, expected_bytes(picture, mask, request.options, tiling));

    Input input;
    input.options = request.options;
    const Keep keep = copies_jpeg(request.options) ? Keep::coefficients : Keep::pixels;
    input.picture = value_of(decode_image(request.image, limits, keep));
    if (const auto* file = std::get_if<EncodedFile>(&request.image)) input.source = {file->data, request.owner};
    input.holes = plan_for(request, input.picture.rgb.size(), limits, tiling, plans);
    input.tiles = input.holes->tiles;
    if (input.tiles.empty())
      input.picture.coefficients.reset();  // because the answer is the file
    else
      input.rendering = rendering_bytes(picture, request.options);
    ask(admit, bytes_of(input));
    for (Tile& tile : input.tiles) show(tile, input.picture);
    return input;
  });
}

std::optional<std::size_t> known_answer_bytes(const Input& input) {
  if (answer_format(input.picture, input.options) != Format::raw) return std::nullopt;
  const Rect region = region_of(input);
  return 3 * static_cast<std::size_t>(region.width) * static_cast<std::size_t>(region.height);
}

Result<EncodedPicture> render(const Input& input, const std::vector<Pixels>& predictions) {
  return guarded<EncodedPicture>([&] {
    check_fit(input.tiles, predictions);
    const Picture& source = input.picture;
    const HolePlan& holes = *input.holes;
    const bool full = input.options.region == Region::full;
    EncodedPicture answer;
    answer.format = answer_format(source, input.options);
    answer.region = region_of(input);
    answer.size = {answer.region.width, answer.region.height};

    const Canvas canvas = filled(input, predictions, full ? holes.box : answer.region);
    const Retouch work{input.source.bytes, source, canvas, holes.mask, input.options};
    Retouched made = full ? retouch(work) : encode_part(work);
    answer.bytes = std::move(made.bytes);
    answer.bytes.shrink_to_fit();  // because caches count the size and not the capacity
    answer.exact = made.exact;
    answer.notes = holes.notes;
    std::ranges::move(made.notes, std::back_inserter(answer.notes));
    return answer;
  });
}

}  // namespace inpaintd
