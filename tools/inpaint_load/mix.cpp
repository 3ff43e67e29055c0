// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/mix.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "core/units.h"

namespace inpaintd::tools {
namespace {

// Sides of the pictures that are sent.
constexpr int picture_side_min = 16;
constexpr int picture_side_max = 4096;

struct Weighted {
  std::string_view name;
  double weight = 1;
};

/// Reads "a" or "a=1,b=2"; nothing when a weight is not a number of 0..1e6, or when all weights are 0.
std::optional<std::vector<Weighted>> parse_weights(std::string_view text) {
  std::vector<Weighted> parts;
  double sum = 0;
  while (true) {
    const std::string_view part = text.substr(0, text.find(','));
    const std::size_t equals = part.find('=');
    Weighted& weighted = parts.emplace_back(Weighted{part.substr(0, equals)});
    if (equals != std::string_view::npos) {
      const auto weight = parse_number<double>(part.substr(equals + 1));
      if (!weight || !(*weight >= 0 && *weight <= 1e6)) return std::nullopt;
      weighted.weight = *weight;
    }
    sum += weighted.weight;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  if (sum <= 0) return std::nullopt;
  return parts;
}

// SplitMix64: consecutive numbers give unrelated streams.
std::uint64_t scramble(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed * 0x9e3779b97f4a7c15U + number + 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

template <class Weights>
std::size_t pick(const Weights& weights, std::mt19937& random) {
  return static_cast<std::size_t>(std::discrete_distribution<int>(weights.begin(), weights.end())(random));
}

Fate draw_fate(const Mix& mix, double part) {
  if (part < mix.poison / 2) return Fate::broken_picture;
  if (part < mix.poison) return Fate::wrong_mask;
  return part < mix.poison + mix.cancel ? Fate::cancel : Fate::answer;
}

}  // namespace

std::vector<int> sides_of(const Mix& mix) {
  std::vector<int> sides;
  for (const SideWeight& each : mix.sides) sides.push_back(each.side);
  return sides;
}

std::optional<std::vector<double>> parse_priorities(std::string_view text) {
  const auto parts = parse_weights(text);
  if (!parts) return std::nullopt;
  std::vector<double> weights(EnumNames<Priority>::names.size());
  for (const Weighted& part : *parts) {
    const auto priority = from_name<Priority>(part.name);
    if (!priority) return std::nullopt;
    weights[static_cast<std::size_t>(*priority)] += part.weight;  // a name may occur twice
  }
  return weights;
}

std::optional<std::vector<SideWeight>> parse_sides(std::string_view text) {
  const auto parts = parse_weights(text);
  if (!parts) return std::nullopt;
  std::vector<SideWeight> sides;
  for (const auto& [name, weight] : *parts) {
    const auto side = parse_number<int>(name);
    if (!side || *side < picture_side_min || *side > picture_side_max) return std::nullopt;
    sides.push_back({*side, weight});
  }
  return sides;
}

std::vector<Size> people_sizes() {
  constexpr std::array<Size, 8> common{
      {{640, 480}, {800, 600}, {1024, 768}, {768, 1024}, {1280, 720}, {720, 1280}, {512, 512}, {1080, 1080}}};
  constexpr std::size_t count = 120;
  std::mt19937 random(1);  // its numbers are the same everywhere, those of the standard distributions are not
  const auto any_side = [&] { return 360 + static_cast<int>(random() % 941); };
  std::vector<Size> sizes;
  while (sizes.size() < count) {
    sizes.push_back(common[sizes.size() / 2 % common.size()]);
    const int width = any_side();
    sizes.push_back({width, any_side()});
  }
  return sizes;
}

std::optional<std::vector<Size>> parse_sizes(std::string_view text) {
  if (text == "people") return people_sizes();
  constexpr std::size_t count_max = 1000;
  std::ifstream file{std::string(text)};
  std::vector<Size> sizes;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    const auto size = parse_size(line);
    if (!size) return std::nullopt;
    const auto [least, most] = std::minmax(size->width, size->height);
    if (least < picture_side_min || most > picture_side_max) return std::nullopt;
    sizes.push_back(*size);
  }
  if (sizes.empty() || sizes.size() > count_max) return std::nullopt;
  return sizes;
}

Choice choose(const Mix& mix, std::size_t pictures_per_side, std::uint64_t seed, std::uint64_t number) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(scramble(seed, number)));
  std::uniform_real_distribution<double> part(0, 1);
  std::vector<double> side_weights;
  for (const SideWeight& side : mix.sides) side_weights.push_back(side.weight);

  Choice choice;
  choice.priority = static_cast<Priority>(pick(mix.priorities, random));
  choice.side = pick(side_weights, random);
  choice.fate = draw_fate(mix, part(random));
  choice.picture = random() % pictures_per_side;
  choice.mask_seed = seed + repeated_inputs + number;
  const double again = part(random);
  if (again < mix.repeat + mix.repeat_masks) {
    const std::size_t which = random() % repeated_inputs;
    choice.mask_seed = seed + which;
    if (again < mix.repeat) choice.picture = which % pictures_per_side;
  }
  choice.cancel_after = std::chrono::duration_cast<std::chrono::microseconds>(cancel_within * part(random));
  return choice;
}

}  // namespace inpaintd::tools
