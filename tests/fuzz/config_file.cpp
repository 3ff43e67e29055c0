// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "config/load.h"
#include "tests/fuzz/fuzz.h"

/// The configuration file: load_config, and print_config of what was loaded.
namespace inpaintd::fuzz {
namespace {

Result<Config> load(std::string_view toml) {
  return load_config({file_with(toml), {}, [](const std::string&) { return std::nullopt; }});
}

/// What remains of `toml` without its lines of comment, which take most of the time to read.
std::string without_comments(const std::string& toml) {
  std::istringstream lines(toml);
  std::string rest;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("# ")) rest.append(line).append("\n");
  return rest;
}

}  // namespace

std::vector<std::string> seeds() {
  Config config;
  config.nats.url = "nats://a:1,nats://b:2";
  config.nats.credentials_file = "/etc/\"odd\\ name\".creds";
  config.model.devices = {"cuda:3", "cpu"};
  config.image.context = 0.1;
  return {
      without_comments(print_config(config)),
      "[nats]\nurl = \"nats://10.0.0.1:4222,nats://10.0.0.2:4222\"\ntls = true\n[model]\ndevices = [\"cuda:0\", "
      "\"cuda:1\"]\n[batch]\nsize_max = 16\nwait_max = \"20ms\"\n[image]\ncontext = 1\n",
      "nats.url = 'nats://user:secret@host:4222'\nnats.user = \"\"\"\nann\"\"\"\n",
      "[service]\nin_flight_bytes_max = \"2GiB\"\ndrain_timeout = \"2min\"\n[http]\nlisten = \"[::1]:0\"\n",
      "[model]\nengine = \"null\"\nnull_faults = \"poison:0.01,hang:@9:5s,oom:>4,seed:7\"\n",
      "[batch.size_max]\nx = 1\n",
      "[log]\nlevel = 2020-01-01\n",
      "[batch]\nsize_max = 0x_1\nwait_max = [[\"5ms\"], [1, 2.5e3, inf, nan, true]]\n",
      "[[batch]]\nsize_max = {a = 1, b.c = '''x'''}\n\"wait_max\" = 1979-05-27T07:32:00.5Z\n",
  };
}

void run(Bytes input) {
  const auto config = load(text_of(input));
  if (!config) return require(!config.error().message.empty(), "a refused file is refused in words");
  const std::string printed = print_config(*config);
  const auto again = load(without_comments(printed));
  require(bool(again), "a printed configuration loads");
  require(*again == *config || printed.find("***") != std::string::npos,
          "a printed configuration without secrets loads to the same configuration");
}

}  // namespace inpaintd::fuzz
