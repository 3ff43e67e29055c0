// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd::tools {

/// A side of square pictures in pixels, and its weight.
struct SideWeight {
  int side = 512;
  double weight = 1;

  friend bool operator==(const SideWeight&, const SideWeight&) = default;
};

/// The composition of a run's requests. Shares are 0..1.
struct Mix {
  std::vector<double> priorities{0, 1, 0};  ///< weights of high, normal, low
  std::vector<SideWeight> sides{{}};
  double poison = 0;  ///< broken pictures and masks of a wrong size, in equal parts, which the service must refuse
  double cancel = 0;  ///< requests that the generator cancels
  double repeat = 0;  ///< requests whose picture and mask are one of `repeated_inputs` pairs
  double repeat_masks = 0;  ///< requests whose mask is one of `repeated_inputs`, with any picture
};

/// The sides of the mix in pixels, in its order.
std::vector<int> sides_of(const Mix& mix);

inline constexpr std::size_t repeated_inputs = 4;
inline constexpr std::chrono::milliseconds cancel_within{500};  ///< after sending

/// Reads "low", or a mix such as "high=1,normal=8,low=1"; nothing when the text is neither.
std::optional<std::vector<double>> parse_priorities(std::string_view text);

/// Reads "512", "256,512" (equal shares), or "256=3,512=1"; nothing when the text is none of these, or a
/// side is not 16..4096.
std::optional<std::vector<SideWeight>> parse_sides(std::string_view text);

/// The sizes of the pictures that people upload, 120 of them and always the same. Every other one is a common size
/// (640x480, 800x600, 1024x768, 768x1024, 1280x720, 720x1280, 512x512, 1080x1080); the others have any width and any
/// height from 360 to 1300 pixels, each as likely.
std::vector<Size> people_sizes();

/// Reads "people", or a file with a size such as 640x480 in each line, at most 1000; nothing when the text is neither,
/// or a side is not 16..4096.
std::optional<std::vector<Size>> parse_sizes(std::string_view text);

/// What a request is meant to show: an answer, the refusal of a broken picture or of a wrong mask, or a cancel.
enum class Fate : std::uint8_t { answer, broken_picture, wrong_mask, cancel };

constexpr bool is_poison(Fate fate) { return fate == Fate::broken_picture || fate == Fate::wrong_mask; }

/// One request of the mix.
struct Choice {
  Priority priority = Priority::normal;
  Fate fate = Fate::answer;
  std::size_t side = 0;                      ///< index in Mix::sides
  std::size_t picture = 0;                   ///< index among the pictures of that side
  std::uint64_t mask_seed = 0;               ///< different for every request whose mask is not repeated
  std::chrono::microseconds cancel_after{};  ///< only with Fate::cancel
};

/// Draws request `number`. The result depends on the arguments alone, so that a retry sends the same bytes again.
Choice choose(const Mix& mix, std::size_t pictures_per_side, std::uint64_t seed, std::uint64_t number);

}  // namespace inpaintd::tools
