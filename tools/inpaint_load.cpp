// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "tools/files.h"
#include "tools/inpaint_load_inputs.h"
#include "tools/inpaint_load_options.h"
#include "tools/inpaint_load_run.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Sends inpainting requests and measures the answers.\n\n"
    "  inpaint-load --concurrency 16                          always 16 in flight: how much can it do?\n"
    "  inpaint-load --rate 50 --poisson --slo 200             50 per second: how long do they wait?\n\n"
    "Latency counts from the moment a request was due, so a generator that falls behind hides nothing.\n";

constexpr int noise_pictures = 16;  // of each size; the masks differ for every request

int report(const Report& result, const LoadOptions& options) {
  if (options.json == "-") {
    std::cout << to_json(result);
  } else {
    std::cout << to_table(result);
    if (!options.json.empty())
      if (Status written = write_file(options.json, to_json(result)); !written)
        return complain(written.error().message);
  }
  return result.sound() ? exit_ok : exit_failed;
}

int load(const LoadOptions& options) {
  const Interrupt interrupt;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  const auto pictures = prepare_pictures(options.sizes, options.format, options.images, noise_pictures, options.seed);
  if (!pictures) return complain(pictures.error().message);
  // The largest one: what the server carries of it, it carries of all.
  const auto& largest =
      *std::ranges::max_element(*pictures, {}, [](const LoadPicture& picture) { return picture.bytes.size(); });
  if (Status answered = probe(**connection, options, largest); !answered)
    return complain(answered.error().message,
                    answered.error().code == ErrorCode::internal ? exit_no_service : exit_failed);
  const auto result = run_load(**connection, options, *pictures, interrupt);
  if (!result) return complain(result.error().message);
  return report(*result, options);
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  LoadOptions options;
  options.server.connection.name = "inpaint-load";
  CLI::App app(description, "inpaint-load");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  if (const auto wrong = check(options)) return complain(*wrong, exit_usage);
  return load(options);
}
