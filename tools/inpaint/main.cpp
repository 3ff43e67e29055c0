// SPDX-License-Identifier: Apache-2.0
// inpaint fills single pictures or folders, through the service or in this process.
#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/inpaint/folder.h"
#include "tools/inpaint/jobs_command.h"
#include "tools/inpaint/options.h"
#include "tools/inpaint/painter.h"
#include "tools/shared/command_line.h"
#include "tools/shared/files.h"
#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Fills the masked parts of pictures.\n\n"
    "  inpaint photo.jpg mask.png -o out.png             sends one picture to the service behind NATS_URL\n"
    "  inpaint photo.jpg mask.png -o out.png --local     fills one picture in this process\n"
    "  inpaint - mask.png -o - --format png <in >out     reads standard input and writes standard output\n"
    "  inpaint --images in/ --masks masks/ -o out/       fills a folder; pictures that have an output are skipped\n"
    "  inpaint photo.jpg mask.png -o out.png --durable   by a job that NATS keeps; the same command goes on with it\n"
    "  inpaint jobs --help                               looks at such jobs, and cancels or retries them\n\n"
    "A mask without a hole is a warning, and the exit code is 4. With folders, everything that is not filled is listed,\n"
    "and the exit code is 1; hidden files (.NAME) are not looked at.\n";

int paint_single(Painter& painter, const InpaintOptions& options) {
  std::optional<Attributes> attributes;  // before the output may replace the picture
  if (options.preserve) {
    const auto found = attributes_of(options.image);
    if (!found) return complain(found.error().message);
    attributes = *found;
  }
  const auto image = read_input(options.image);
  if (!image) return complain(image.error().message);
  const auto mask = read_file(options.mask);
  if (!mask) return complain(mask.error().message);
  Painter::Progress progress;
  if (options.progress) progress = [](std::string_view line) { std::cerr << line << std::endl; };
  const Painted painted = painter.paint(as_bytes(*image), as_bytes(*mask), options.request, progress);
  if (!painted) return complain(painted.error().message, painted.error().exit_code);
  if (const auto complete = check_complete(*painted, as_bytes(*image), options.request); !complete)
    return complain(complete.error().message, complete.error().exit_code);
  for (const Note& note : painted->notes) std::cerr << describe(note) << '\n';
  const Attributes* preserved = attributes ? &*attributes : nullptr;
  if (Status written = write_file(options.output, painted->file, preserved); !written)
    return complain(written.error().message);
  return has_empty_mask(painted->notes) ? exit_no_hole : exit_ok;
}

/// Checks that results can be written, before anything is computed. For an output folder the check uses any free name,
/// because the names of its files are not known yet.
Status prepare_outputs(const InpaintOptions& options) {
  return prepare_output(options.folders() ? options.output / ".inpaint-result" : options.output);
}

int paint(Painter& painter, const InpaintOptions& options) {
  return options.folders() ? paint_folder(painter, options) : paint_single(painter, options);
}

int paint_locally(const InpaintOptions& options) {
  const auto painter = make_local_painter(options.model, options.device);
  if (!painter) return complain(painter.error().message);
  return paint(**painter, options);
}

int paint_remotely(const InpaintOptions& options) {
  const Interrupt interrupt;
  const auto client = Client::connect({options.server.connection, options.server.prefix});
  if (!client) return complain(client.error().message, exit_no_service);
  const auto painter = make_remote_painter(**client, {options.priority, options.timeout, options.retries}, interrupt);
  return paint(*painter, options);
}

int paint_durably(const InpaintOptions& options) {
  const Interrupt interrupt;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  const auto painter = make_durable_painter(
      **connection, {options.server.prefix, options.owner, options.priority, options.wait_max}, interrupt);
  if (!painter) return complain(painter.error().message, painter.error().exit_code);
  return paint(**painter, options);
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  if (argc > 1 && argv[1] == std::string_view("jobs")) return run_jobs_command(argc - 1, argv + 1);
  InpaintOptions options;
  options.server.connection.name = "inpaint";
  CLI::App app(description, "inpaint");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  if (const auto wrong = check(options)) return complain(*wrong, exit_usage);
  if (const auto ready = prepare_outputs(options); !ready) return complain(ready.error().message);
  if (options.durable) return paint_durably(options);
  return options.local ? paint_locally(options) : paint_remotely(options);
}
