// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace inpaintd::tools {

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (Column& column : columns_) column.width = std::max(column.width, static_cast<int>(column.title.size()));
}

std::string Table::head() const {
  std::vector<std::string> titles;
  std::string line = "|";
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    line.append(static_cast<std::size_t>(column.width) + 1, '-').append(column.text ? "-|" : ":|");
  }
  return row(titles) + line + "\n";
}

std::string Table::row(const std::vector<std::string>& cells) const {
  assert(cells.size() == columns_.size());
  std::string line = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto width = static_cast<std::size_t>(columns_[i].width);
    const std::string gap(width - std::min(width, cells[i].size()), ' ');
    line.append(columns_[i].text ? " " + cells[i] + gap : " " + gap + cells[i]).append(" |");
  }
  return line + "\n";
}

std::string decimal(double value, int digits) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.{}f}", value, digits);
}

}  // namespace inpaintd::tools
