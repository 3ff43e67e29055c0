// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace inpaintd {

/// One row of the table of settings.
struct Setting {
  std::string_view key;          ///< "batch.wait_max": section and name, as in the file and as in Config
  std::string_view help;         ///< one sentence or two
  std::string_view environment;  ///< variable that overrides the file, or empty
  bool secret = false;           ///< the value is never printed
  std::string range;             ///< the allowed values, for people; may be empty
  /// Sets the member from text, or returns the fault of the text.
  std::function<std::optional<std::string>(Config&, const std::string&)> parse;
  /// The member's value in TOML.
  std::function<std::string(const Config&)> print;

  [[nodiscard]] std::string_view section() const { return key.substr(0, key.find('.')); }
  [[nodiscard]] std::string_view name() const { return key.substr(key.find('.') + 1); }
};

/// Every setting, in the order of Config.
const std::vector<Setting>& settings();

/// The row of `key`, or null.
const Setting* find_setting(std::string_view key);

/// The known key that is most similar to `key`.
std::string_view nearest_key(std::string_view key);

/// Checks the rules that concern several settings. Returns the first broken rule, as a sentence.
std::optional<std::string> check_together(const Config& config);

}  // namespace inpaintd
