// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include <toml.hpp>

#include "config/settings.h"
#include "core/server_url.h"
#include "core/utf8.h"

namespace inpaintd {
namespace {

Error wrong(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

/// Sets one key from text. `where` opens the message when that fails, such as "inpaintd.toml, line 3".
Status assign(Config& config, const std::string& key, const std::string& text, const std::string& where) {
  const Setting* setting = find_setting(key);
  if (setting == nullptr)
    return wrong(where + ": unknown setting " + key + "; did you mean " + std::string(nearest_key(key)) + "?");
  if (auto complaint = setting->parse(config, text))
    return wrong(where + ": " + key + " = " + (setting->secret ? "***" : without_secrets(text)) + ": " + *complaint);
  return Ok{};
}

std::string place(const toml::value& value) {
  return value.location().file_name() + ", line " + std::to_string(value.location().line());
}

/// A TOML value as the text that the kinds of settings read; nothing for tables and dates.
std::optional<std::string> as_text(const toml::value& value) {
  if (value.is_string()) return value.as_string().str;
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_floating()) {
    std::ostringstream text;
    text.precision(17);
    text << value.as_floating();
    return text.str();
  }
  if (!value.is_array()) return std::nullopt;
  std::string list;
  for (const toml::value& element : value.as_array()) {
    const auto text = as_text(element);
    if (!text) return std::nullopt;
    list.append(list.empty() ? "" : ",").append(*text);
  }
  return list;
}

Status assign_table(Config& config, const toml::value& table, const std::string& prefix) {
  for (const auto& [name, value] : table.as_table()) {
    const std::string key = prefix + name;
    const auto text = as_text(value);
    Status done = Ok{};
    if (text)
      done = assign(config, key, *text, place(value));
    else if (value.is_table() && find_setting(key) == nullptr)
      done = assign_table(config, value, key + ".");
    else
      done = wrong(place(value) + ": " + key + ": a plain value is expected here");
    if (!done) return done;
  }
  return Ok{};
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) throw std::runtime_error("the file cannot be opened or read");
  return content.str();
}

/// Refuses text that toml11 3.7 must not get: bytes that are not UTF-8 make it read beyond its memory, and deeply
/// nested brackets overflow the stack. Brackets in strings and comments count, too, because no setting has that many.
Status check_text(std::string_view text, const std::string& file) {
  constexpr int depth_max = 32;
  const auto at_line = [&](std::size_t place) {
    return file + ", line " + std::to_string(1 + std::ranges::count(text.substr(0, place), '\n'));
  };
  if (const std::size_t place = find_not_utf8(text); place != std::string_view::npos)
    return wrong(at_line(place) + ": the file is not UTF-8 here; save it as UTF-8");
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++depth;
    if (text[i] == ']' || text[i] == '}') depth = std::max(0, depth - 1);
    if (depth > depth_max)
      return wrong(at_line(i) + ": more than " + std::to_string(depth_max) + " brackets are open here; close them");
  }
  return Ok{};
}

Status apply_file(Config& config, const std::string& file) {
  try {
    const std::string text = content_of(file);
    if (Status checked = check_text(text, file); !checked) return checked;
    std::istringstream in(text);
    return assign_table(config, toml::parse(in, file), "");
  } catch (const toml::syntax_error& failure) {
    return wrong("the configuration is not valid TOML:\n" + without_secrets(failure.what()));
  } catch (const std::exception& failure) {
    return wrong("cannot read the configuration file " + file + ": " + failure.what());
  }
}

Status apply_environment(Config& config, const ConfigSources& sources) {
  for (const Setting& setting : settings()) {
    if (setting.environment.empty()) continue;
    const std::string variable(setting.environment);
    std::optional<std::string> text;
    if (sources.environment)
      text = sources.environment(variable);
    else if (const char* found = std::getenv(variable.c_str()))
      text = found;
    if (!text || text->empty()) continue;
    if (Status done = assign(config, std::string(setting.key), *text, "environment variable " + variable); !done)
      return done;
  }
  return Ok{};
}

Status apply_overrides(Config& config, const std::vector<std::string>& overrides) {
  for (const std::string& each : overrides) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos)
      return wrong("--set " + without_secrets(each) + ": write it as key=value, such as --set batch.wait_max=5ms");
    if (Status done = assign(config, each.substr(0, equals), each.substr(equals + 1), "--set"); !done) return done;
  }
  return Ok{};
}

/// The setting's line of TOML. A secret that is set becomes a comment, so that "***" is never loaded as a password.
std::string print_line(const Setting& setting, const Config& config) {
  const std::string name(setting.name());
  const std::string value = setting.print(config);
  const std::string shown = setting.secret && value != "\"\"" ? "\"***\"" : without_secrets(value);
  if (shown != value) return "# " + name + " = " + shown + "  # set, not shown\n";
  return name + " = " + value + "\n";
}

}  // namespace

Result<Config> load_config(const ConfigSources& sources) {
  Config config;
  if (!sources.file.empty())
    if (Status done = apply_file(config, sources.file); !done) return done.error();
  if (Status done = apply_environment(config, sources); !done) return done.error();
  if (Status done = apply_overrides(config, sources.overrides); !done) return done.error();
  if (auto broken = check_together(config)) return wrong("configuration: " + *broken);
  return config;
}

std::string print_config(const Config& config) {
  std::string text =
      "# Every setting of inpaintd. `inpaintd --print-config` prints the effective ones in this form.\n"
      "# What is left out has its default. Durations: \"5ms\", \"30s\", \"2min\", \"1h\"; sizes: \"64KiB\", \"8MiB\", "
      "\"1GiB\".\n";
  std::string_view section;
  for (const Setting& setting : settings()) {
    if (section != setting.section()) {
      section = setting.section();
      text.append("\n[").append(section).append("]\n");
    }
    text.append("# ").append(setting.help);
    if (!setting.range.empty()) text.append(" (").append(setting.range).append(")");
    if (!setting.environment.empty()) text.append(" Environment: ").append(setting.environment);
    text.append("\n").append(print_line(setting, config));
  }
  return text;
}

}  // namespace inpaintd
