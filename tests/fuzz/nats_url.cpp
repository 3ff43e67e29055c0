// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "bus/nats_private.h"
#include "tests/fuzz/fuzz.h"

/// The list of server URLs: split_list, nats_options, and without_secrets for what is said about them.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  return {
      "nats://127.0.0.1:4222",
      "nats://a:1, tls://b.example.org:2 ,ws://c",
      "nats://ann:rosebud@host:4222,nats://t0ken@[::1]:4222",
      "ann:rosebud@host",
      "nats://%41:%zz@host:99999/path?query#end",
      ",, ,",
      "",
  };
}

void run(Bytes input) {
  const std::string text(text_of(input));
  for (const std::string& element : split_list(text))
    require(
        !element.empty() && element.find(',') == std::string::npos && element.front() != ' ' && element.back() != ' ',
        "a list's elements are neither empty nor padded");
  const std::string shown = without_secrets(text);
  require(without_secrets(shown) == shown, "what is shown without secrets has none left");
  if (text.find("tls://") != std::string::npos) return;  // reading the system's certificates takes too long
  const auto options = nats_options({.url = text});
  if (!options) require(!options.error().message.empty(), "a refused URL is refused in words");
}

}  // namespace inpaintd::fuzz
