// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/options.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "tools/shared/command_line.h"

namespace inpaintd::tools {
namespace {

/// "usage" when the parser refuses the arguments, else the text of check(), else "ok". `options` receives the values.
std::string parse(std::vector<const char*> arguments, InpaintOptions& options) {
  CLI::App app("test", "inpaint");
  options.declare(app);
  arguments.insert(arguments.begin(), "inpaint");
  if (parse_command_line(app, static_cast<int>(arguments.size()), const_cast<char**>(arguments.data()))) return "usage";
  const std::string wrong = check(options).value_or("ok");
  options.format_option = options.timeout_option = nullptr;  // they belonged to the app
  return wrong;
}

std::string parse(std::vector<const char*> arguments) {
  InpaintOptions options;
  return parse(std::move(arguments), options);
}

// Any file and folder that exist; nothing reads them.
constexpr const char* file = "/etc/hostname";
constexpr const char* mask = "/etc/passwd";
constexpr const char* folder = "/etc";

}  // namespace

TEST_CASE("the extension of the output decides the format unless --format is given") {
  InpaintOptions options;
  CHECK(parse({file, mask, "-o", "out.JPG"}, options) == "ok");
  CHECK(options.request.format == Format::jpeg);
  InpaintOptions given;
  CHECK(parse({file, mask, "-o", "out.bin", "--format", "webp"}, given) == "ok");
  CHECK(given.request.format == Format::webp);
  InpaintOptions same;
  CHECK(parse({file, mask, "-o", "out.bin", "--format", "same"}, same) == "ok");
  CHECK(same.request.format == Format::same);
  CHECK(parse({file, mask, "-o", "out.bin"}).starts_with("the name out.bin does not tell the output format"));
}

TEST_CASE("either IMAGE and MASK, or --images and --masks are required") {
  CHECK(parse({file, "-o", "x.png"}).starts_with("a picture or its mask is missing"));
  CHECK(parse({"-o", "x.png"}).starts_with("a picture or its mask is missing"));
  CHECK(parse({"--images", folder, "-o", "out"}).starts_with("the option --masks is missing"));
  CHECK(parse({"--images", folder, "--masks", file, "-o", "out"}) == "ok");
  CHECK(parse({file, mask, "--masks", file, "-o", "x.png"}).starts_with("IMAGE and MASK exclude --images and --masks"));
  CHECK(parse({"--images", folder, "--masks", folder, "-o", folder}).starts_with("the output folder is the folder"));
  CHECK(parse({file, mask, "-o", folder}) == "the output /etc is a folder; name a file");
  CHECK(parse({file, mask}) == "usage");
}

TEST_CASE("options are read into the request, and their ranges are checked at both ends") {
  InpaintOptions options;
  CHECK(parse({file, mask, "-o", "x.png", "--strategy", "crop", "--region", "patch", "--quality", "1", "--dilate", "64",
               "--feather", "0", "--priority", "low", "--timeout", "1.5"},
              options) == "ok");
  CHECK(options.request == inpaintd::Options{Format::png, 1, Region::patch, Strategy::crop, 64, 0});
  InpaintOptions others;
  CHECK(parse({file, mask, "-o", "x.jpg", "--mask-values", "alpha", "--background", "#00FF7f"}, others) == "ok");
  CHECK(others.request.mask_values == MaskValues::alpha);
  CHECK(others.request.background == Colour{0, 255, 127});
  CHECK(parse({file, mask, "-o", "x.jpg", "--mask-values", "red"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.jpg", "--background", "white"}) == "usage");
  CHECK(options.priority == Priority::low);
  CHECK(options.timeout == std::chrono::milliseconds(1500));
  CHECK(!options.request.lossless);
  InpaintOptions lossless;
  CHECK(parse({file, mask, "-o", "x.webp", "--lossless"}, lossless) == "ok");
  CHECK(lossless.request.lossless == true);
  InpaintOptions lossy;
  CHECK(parse({file, mask, "-o", "x.webp", "--lossy"}, lossy) == "ok");
  CHECK(lossy.request.lossless == false);
  CHECK(!lossy.request.quality);
  InpaintOptions kept;
  CHECK(parse({file, mask, "-o", "x.jpg", "--preserve", "--alpha", "fill"}, kept) == "ok");
  CHECK(kept.preserve);
  CHECK(kept.request.alpha == AlphaFill::fill);
  CHECK(parse({file, mask, "-o", "x.jpg", "--alpha", "no"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--quality", "0"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--quality", "101"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--dilate", "65"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--feather", "-1"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--strategy", "tile"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--timeout", "0"}) == "--timeout must be within 1ms and 10min");
  CHECK(parse({file, mask, "-o", "x.png", "--timeout", "10min"}) == "ok");
  CHECK(parse({file, mask, "-o", "x.png", "--timeout", "600001ms"}) == "--timeout must be within 1ms and 10min");
}

TEST_CASE("- is standard input and standard output, whose format is the picture's unless --format is given") {
  InpaintOptions options;
  CHECK(parse({"-", mask, "-o", "-"}, options) == "ok");
  CHECK(options.image == "-");
  CHECK(options.output == "-");
  CHECK(options.request.format == Format::same);
  CHECK(parse({file, "-", "-o", "x.png"}) == "usage");
  CHECK(parse({"-", mask, "-o", "x.png", "--preserve"}).starts_with("--preserve needs files"));
  CHECK(parse({file, mask, "-o", "-", "--preserve"}).starts_with("--preserve needs files"));
}

TEST_CASE("a file or folder that would serve two purposes is refused") {
  CHECK(parse({file, file, "-o", "x.png"}).starts_with("the picture /etc/hostname is its own mask"));
  CHECK(parse({file, file, "-o", "x.png", "--mask-values", "alpha"}) == "ok");
  CHECK(parse({file, mask, "-o", mask, "--format", "png"}).starts_with("the output /etc/passwd is the mask"));
  CHECK(parse({"--images", "/usr", "--masks", folder, "-o", folder})
            .starts_with("the output folder is the folder of the masks"));
}

TEST_CASE("--model and --device require --local") {
  CHECK(parse({file, mask, "-o", "x.png", "--device", "cpu"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--model", file}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--local", "--device", "cpu", "--model", file}) == "ok");
}

TEST_CASE("a durable run waits without a limit, or as long as --timeout says") {
  InpaintOptions options;
  CHECK(parse({file, mask, "-o", "x.png", "--durable"}, options) == "ok");
  CHECK(options.durable);
  CHECK(options.owner == "inpaint");
  CHECK(!options.wait_max);
  InpaintOptions limited;
  CHECK(parse({file, mask, "-o", "x.png", "--durable", "--timeout", "2h", "--owner", "Alice_2-b"}, limited) == "ok");
  CHECK(limited.wait_max == std::chrono::hours(2));
  CHECK(limited.owner == "Alice_2-b");
  CHECK(parse({file, mask, "-o", "x.png", "--durable", "--timeout", "0"}).starts_with("--timeout must be"));
  InpaintOptions request;
  CHECK(parse({file, mask, "-o", "x.png", "--timeout", "2min"}, request) == "ok");
  CHECK(!request.wait_max);
}

TEST_CASE("--durable excludes --local, and --owner is an owner and needs --durable") {
  CHECK(parse({file, mask, "-o", "x.png", "--durable", "--local"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--owner", "alice"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--durable", "--owner", "a.b"}) == "usage");
  CHECK(parse({file, mask, "-o", "x.png", "--durable", "--owner", ""}) == "usage");
}

}  // namespace inpaintd::tools
