// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/time.h"
#include "tools/inpaint/pairs.h"
#include "tools/shared/command_line.h"
#include "tools/shared/files.h"
#include "tools/shared/output.h"
#include "tools/shared/progress.h"

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

/// The state that the worker threads share: the next picture, and the counts of results.
class FolderRun {
 public:
  explicit FolderRun(Pairing pairing) : pairs_(std::move(pairing.pairs)) {
    tally_.total = pairs_.size() + pairing.without_mask.size();
    tally_.without_mask = pairing.without_mask.size();
    tally_.left_out = pairing.left_out.size();
  }

  /// The next picture to fill; null when no picture is left, or when the run has ended.
  const Pair* take() {
    std::lock_guard lock(mutex_);
    std::error_code ignored;
    for (; exit_code_ <= exit_failed && next_ < pairs_.size(); ++tally_.skipped) {
      const Pair& pair = pairs_[next_++];
      // A folder with this name is not an earlier result, and the attempt to write reports it as an error.
      if (!fs::exists(pair.output, ignored) || fs::is_directory(pair.output, ignored)) return &pair;
    }
    return nullptr;
  }

  void done(const Pair& pair, const std::vector<Note>& notes) {
    std::lock_guard lock(mutex_);
    ++tally_.done;
    if (has_empty_mask(notes)) ++tally_.empty_masks;
    clear_bar();
    for (const Note& note : notes) std::cerr << pair.image.string() << ": " << describe(note) << '\n';
    show_bar();
  }

  void failed(const Pair& pair, const PaintFailure& failure) {
    std::lock_guard lock(mutex_);
    // The failure that ends the run is printed once; the other pictures in flight count as not tried.
    if (exit_code_ > exit_failed) return;
    exit_code_ = failure.exit_code;
    if (failure.exit_code == exit_failed) ++tally_.failed;
    clear_bar();
    std::cerr << pair.image.string() << ": " << failure.message << '\n';
    show_bar();
  }

  /// Prints the state of the request of a picture.
  void print_progress(const Pair& pair, std::string_view line) {
    std::lock_guard lock(mutex_);
    clear_bar();
    std::cerr << pair.image.filename().string() << ": " << line << '\n';
    show_bar();
  }

  int finish() {
    clear_bar();
    std::cerr << summary(tally_, elapsed()) << '\n';
    if (exit_code_ != exit_ok) return exit_code_;
    if (tally_.without_mask > 0 || tally_.left_out > 0) return exit_failed;
    return tally_.empty_masks > 0 ? exit_no_hole : exit_ok;
  }

 private:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
  }
  void clear_bar() const {
    if (terminal_) std::cerr << "\r\033[K";
  }
  void show_bar() const {
    if (terminal_) std::cerr << "\r\033[K" << progress_bar(tally_, elapsed()) << std::flush;
  }

  const std::vector<Pair> pairs_;
  const TimePoint start_ = Clock::now();
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;

  std::mutex mutex_;
  std::size_t next_ = 0;
  Tally tally_;
  int exit_code_ = exit_ok;
};

void work(FolderRun& run, Painter& painter, const InpaintOptions& options) {
  while (const Pair* pair = run.take()) {
    const auto image = read_file(pair->image);
    const auto mask = read_file(pair->mask);
    if (!image || !mask) {
      run.failed(*pair, {image ? mask.error().message : image.error().message});
      continue;
    }
    Painter::Progress progress;
    if (options.progress) progress = [&run, pair](std::string_view line) { run.print_progress(*pair, line); };
    const Painted painted = painter.paint(as_bytes(*image), as_bytes(*mask), options.request, progress);
    if (!painted) {
      run.failed(*pair, painted.error());
      continue;
    }
    if (const auto complete = check_complete(*painted, as_bytes(*image), options.request); !complete) {
      run.failed(*pair, complete.error());
      continue;
    }
    const auto attributes = attributes_of(pair->image);
    if (options.preserve && !attributes) {
      run.failed(*pair, {attributes.error().message});
      continue;
    }
    const Attributes* preserved = options.preserve ? &*attributes : nullptr;
    if (Status written = write_file(pair->output, painted->file, preserved); !written)
      run.failed(*pair, {written.error().message});
    else
      run.done(*pair, painted->notes);
  }
}

bool same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

/// Moves the skipped files to `all`, except folders that the command line names.
void add_left_out(std::vector<LeftOut>& all, Listing& listing, const InpaintOptions& options) {
  for (LeftOut& each : listing.left_out)
    if (!same(each.path, options.output) && !same(each.path, options.masks) && !same(each.path, options.images))
      all.push_back(std::move(each));
}

Result<Pairing> find_pairs(const InpaintOptions& options) {
  auto images = list_folder(options.images);
  if (!images) return std::move(images.error());
  Candidates files;
  files.images = images->pictures;
  std::vector<LeftOut> left_out;
  add_left_out(left_out, *images, options);
  files.one_folder = same(options.images, options.masks);
  if (files.one_folder) {
    files.masks = files.images;
  } else if (fs::is_directory(options.masks)) {
    auto masks = list_folder(options.masks);
    if (!masks) return std::move(masks.error());
    files.masks = std::move(masks->pictures);
    add_left_out(left_out, *masks, options);
  } else {
    files.common_mask = options.masks;
  }
  auto pairing = pair_up(files, options.output, options.request.format);
  if (pairing) std::ranges::move(left_out, std::back_inserter(pairing->left_out));
  return pairing;
}

void tell(const Pairing& pairing) {
  for (const fs::path& image : pairing.without_mask)
    std::cerr << image.string() << ": skipped, because it has no mask\n";
  for (const LeftOut& each : pairing.left_out)
    std::cerr << each.path.string() << ": left out, because " << each.reason << '\n';
  for (const std::string& note : pairing.notes) std::cerr << "note: " << note << '\n';
}

}  // namespace

int paint_folder(Painter& painter, const InpaintOptions& options) {
  auto pairing = find_pairs(options);
  if (!pairing) return complain(pairing.error().message, exit_usage);
  tell(*pairing);
  if (pairing->pairs.empty() && pairing->without_mask.empty())
    return complain(fmt::format("the folder {} has no picture to fill; name a folder of JPEG, PNG or WebP files",
                                options.images.string()));

  FolderRun run(std::move(*pairing));
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < (options.local ? 1 : options.concurrency); ++i)
      workers.emplace_back([&] { work(run, painter, options); });
  }
  return run.finish();
}

}  // namespace inpaintd::tools
