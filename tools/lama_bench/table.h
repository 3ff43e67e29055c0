// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace inpaintd::tools {

/// A Markdown table that is written row by row, aligned for the terminal too.
class Table {
 public:
  struct Column {
    std::string title;
    int width = 0;      ///< at least; a title widens it
    bool text = false;  ///< to the left; numbers go to the right
  };

  explicit Table(std::vector<Column> columns);

  /// The two lines above the rows.
  [[nodiscard]] std::string head() const;
  /// One line; `cells` in the columns' order.
  [[nodiscard]] std::string row(const std::vector<std::string>& cells) const;

 private:
  std::vector<Column> columns_;
};

/// `value` with so many digits after the point; "-" for what is no number.
std::string decimal(double value, int digits);

}  // namespace inpaintd::tools
