// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <sstream>
#include <utility>

#include "tools/inpaint_load/compare.h"
#include "tools/shared/json.h"

namespace inpaintd::tools {
namespace {

double per_second(const ComparisonResult& result, const Way& way) {
  return way.seconds.empty() ? 0 : static_cast<double>(result.tasks) / way.median_s();
}

double ratio(const ComparisonResult& result, const Way& way) {
  return way.seconds.empty() ? 0 : result.ways.front().median_s() / way.median_s();
}

std::string sizes_of(const Way& way) {
  std::string text;
  for (const auto& [size, count] : way.batch_sizes)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " in " + std::to_string(size) + "s";
  return text;
}

}  // namespace

std::string to_table(const ComparisonResult& result) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << result.tasks << " pictures of " << result.pictures << ", " << result.ways.front().served_by << "; "
      << result.machine << "; medians of " << result.ways.front().seconds.size() << " rounds in turn\n\n"
      << "way                total s    pictures/s     ratio   how the pictures ran\n";
  for (const Way& way : result.ways)
    out << std::left << std::setw(16) << way.name << std::right << std::setw(10) << way.median_s() << std::setw(14)
        << per_second(result, way) << std::setw(10) << ratio(result, way) << "   " << sizes_of(way) << '\n';
  if (!result.sound()) out << "\nNot every request got its one picture: the table is worth nothing.\n";
  return std::move(out).str();
}

std::string to_json(const ComparisonResult& result) {
  std::vector<std::string> ways;
  for (const Way& way : result.ways) {
    std::vector<std::string> seconds;
    for (double each : way.seconds) seconds.push_back(json::number(each));
    json::Object sizes;
    for (const auto& [size, count] : way.batch_sizes) sizes.add(std::to_string(size), json::number(count));
    ways.push_back(json::Object()
                       .add("name", json::text(way.name))
                       .add("median_s", json::number(way.median_s()))
                       .add("pictures_per_s", json::number(per_second(result, way)))
                       .add("ratio", json::number(ratio(result, way)))
                       .add("seconds", json::list(seconds))
                       .add("batch_size", sizes.in_a_line())
                       .add("served_by", json::text(way.served_by))
                       .in_a_line());
  }
  return json::Object()
      .add("tasks", json::number(result.tasks))
      .add("pictures", json::text(result.pictures))
      .add("machine", json::text(result.machine))
      .add("ways", json::list(ways))
      .add("sound", json::flag(result.sound()))
      .in_lines();
}

}  // namespace inpaintd::tools
