// SPDX-License-Identifier: Apache-2.0
// The result of a comparison, as JSON and as a table.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/inpaint_load/compare.h"
#include "tools/shared/json_text.h"

namespace inpaintd::tools {
namespace {

using Json = nlohmann::ordered_json;

double per_second(const ComparisonResult& result, const Way& way) {
  return way.seconds.empty() ? 0 : static_cast<double>(result.tasks) / way.median_s();
}

double ratio(const ComparisonResult& result, const Way& way) {
  return way.seconds.empty() ? 0 : result.ways.front().median_s() / way.median_s();
}

/// "3 in 3s, 45 in 4s": 3 pictures ran in batches of 3, and 45 in batches of 4.
std::string sizes_of(const Way& way) {
  std::vector<std::string> parts;
  for (const auto& [size, count] : way.batch_sizes) parts.push_back(fmt::format("{} in {}s", count, size));
  return fmt::to_string(fmt::join(parts, ", "));
}

}  // namespace

std::string to_table(const ComparisonResult& result) {
  const Way& first = result.ways.front();
  std::string text = fmt::format("{} pictures of {}, {}; {}; medians of {} rounds in turn\n\n", result.tasks,
                                 result.pictures, first.served_by, result.machine, first.seconds.size());
  text += "way                total s    pictures/s     ratio   fill error   how the pictures ran\n";
  for (const Way& way : result.ways)
    text +=
        fmt::format("{:<16}{:10.2f}{:14.2f}{:10.2f}{:>13}   {}\n", way.name, way.median_s(), per_second(result, way),
                    ratio(result, way), way.fill_error ? fmt::format("{:.2f}", *way.fill_error) : "-", sizes_of(way));
  if (!result.sound()) text += "\nINVALID: not every request was answered exactly once with its picture.\n";
  return text;
}

std::string to_json(const ComparisonResult& result) {
  Json ways = Json::array();
  for (const Way& way : result.ways) {
    Json sizes = Json::object();
    for (const auto& [size, count] : way.batch_sizes) sizes[fmt::to_string(size)] = count;
    ways.push_back({{"name", way.name},
                    {"median_s", way.median_s()},
                    {"pictures_per_s", per_second(result, way)},
                    {"ratio", ratio(result, way)},
                    {"seconds", way.seconds},
                    {"fill_error", way.fill_error ? Json(*way.fill_error) : Json()},
                    {"batch_size", sizes},
                    {"served_by", way.served_by}});
  }
  return json_text({{"tasks", result.tasks},
                    {"pictures", result.pictures},
                    {"machine", result.machine},
                    {"ways", ways},
                    {"sound", result.sound()}});
}

}  // namespace inpaintd::tools
