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

/// The answer of an engine that gives each tile this colour.
inline EncodedPicture answer_of_colour(const Input& input, Colour colour) {
  std::vector<Pixels> predictions;
  for (const Tile& tile : input.tiles) {
    Pixels& each = predictions.emplace_back(tile.network_size().width, tile.network_size().height, 3);
    for (std::size_t i = 0; i < each.bytes.size(); i += 3) {
      each.bytes[i] = colour.red;
      each.bytes[i + 1] = colour.green;
      each.bytes[i + 2] = colour.blue;
    }
  }
  auto answer = render(input, predictions);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
}

/// The answer of an engine that knows what is in the holes: it returns its tiles.
inline EncodedPicture answer_of_truth(const Input& input) {
  std::vector<Pixels> predictions;
  for (const Tile& tile : input.tiles) predictions.push_back(*tile.image);
  auto answer = render(input, predictions);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
}

/// The answer of an engine that returns noise.
inline EncodedPicture answer_of_noise(const Input& input) {
  std::vector<Pixels> predictions;
  for (const Tile& tile : input.tiles)
    predictions.push_back(fixtures::noise(tile.network_size().width, tile.network_size().height, 3, 77));
  auto answer = render(input, predictions);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
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
