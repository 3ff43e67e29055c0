// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace inpaintd::tools {

/// A Markdown table that is printed row by row, and is aligned for terminals.
class Table {
 public:
  struct Column {
    std::string title;
    int width = 0;      ///< minimum; a longer title widens the column
    bool text = false;  ///< text is aligned to the left, numbers to the right
  };

  explicit Table(std::vector<Column> columns);

  /// The two lines above the rows.
  [[nodiscard]] std::string head() const;
  /// One line; `cells` has one text per column.
  [[nodiscard]] std::string row(const std::vector<std::string>& cells) const;

 private:
  std::vector<Column> columns_;
};

/// `value` with `digits` digits after the decimal point; "-" for NaN.
std::string decimal(double value, int digits);

}  // namespace inpaintd::tools
