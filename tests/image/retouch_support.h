// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"

/// What the tests of answers that are made from the request's file share.
namespace inpaintd::test {

inline const TilingLimits small_tiles{.window_sides = {256}, .context = 0.5, .context_min = 16};

inline Request request_for(const std::string& source, const std::vector<Rect>& holes, const Options& options = {}) {
  Request request;
  request.image = fixtures::file(source);
  request.mask = RectMask{holes};
  request.options = options;
  return request;
}

inline Input prepared(const Request& request) {
  auto input = prepare(request, {}, small_tiles);
  REQUIRE_MESSAGE(input, input.error().message);
  return std::move(*input);
}

/// The answer with the prediction `predict(tile)` for each tile.
template <class Predict>
EncodedPicture answer_of(const Input& input, const Predict& predict) {
  std::vector<Pixels> predictions;
  for (const Tile& tile : input.tiles) predictions.push_back(predict(tile));
  auto answer = render(input, predictions);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
}

/// The answer of an engine that gives each tile this colour.
inline EncodedPicture answer_of_colour(const Input& input, Colour colour) {
  return answer_of(input, [&](const Tile& tile) {
    Pixels prediction(tile.network_size().width, tile.network_size().height, 3);
    for (std::size_t i = 0; i < prediction.bytes.size(); i += 3) {
      prediction.bytes[i] = colour.red;
      prediction.bytes[i + 1] = colour.green;
      prediction.bytes[i + 2] = colour.blue;
    }
    return prediction;
  });
}

/// The answer of an engine that knows what is in the holes: it returns its tiles.
inline EncodedPicture answer_of_truth(const Input& input) {
  return answer_of(input, [](const Tile& tile) { return *tile.image; });
}

/// The answer of an engine that returns noise.
inline EncodedPicture answer_of_noise(const Input& input) {
  return answer_of(input, [](const Tile& tile) {
    return fixtures::noise(tile.network_size().width, tile.network_size().height, 3, 77);
  });
}

/// How the pixels of an answer compare with those of its request.
struct Filled {
  int changed = 0;  ///< outside of the hole
  int filled = 0;   ///< pixels of the hole that have the colour of the fill
};

inline Filled compare(const Picture& before, const Picture& after, const Rect& hole, Colour colour) {
  Filled counts;
  for (int y = 0; y < before.rgb.height; ++y)
    for (int x = 0; x < before.rgb.width; ++x) {
      const auto *a = before.rgb.row(y) + 3 * x, *b = after.rgb.row(y) + 3 * x;
      if (x < hole.x || x >= hole.right() || y < hole.y || y >= hole.bottom())
        counts.changed += !std::equal(a, a + 3, b);
      else
        counts.filled += b[0] == colour.red && b[1] == colour.green && b[2] == colour.blue;
    }
  return counts;
}

inline Picture decoded(const std::string& bytes) {
  auto picture = decode_image(fixtures::file(bytes), {});
  REQUIRE_MESSAGE(picture, picture.error().message);
  return std::move(*picture);
}

inline bool has_note(const EncodedPicture& answer, std::string_view code) {
  return std::ranges::any_of(answer.notes, [&](const Note& note) { return note.code == code; });
}

}  // namespace inpaintd::test
