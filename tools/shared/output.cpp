// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

constexpr int links_max = 40;  // as Linux follows in one path
constexpr mode_t mode_bits = 07777;

std::error_code last_error() { return {errno, std::generic_category()}; }

Error write_error(const fs::path& path, std::error_code cause) {
  return {ErrorCode::internal, fmt::format("the file {} cannot be written: {}", path.string(), cause.message())};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// Some file systems report only in close() that no space is left.
  [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// The destination of a result, and the way to write it.
struct Target {
  enum class Way { rename, overwrite, append, through };
  fs::path path;  ///< behind all links, for `rename`
  Way way = Way::rename;
  std::optional<struct stat> earlier;  ///< of the existing regular file
};

bool is_process_file(const fs::path& path) { return path.string().starts_with("/proc/"); }

/// The path at the end of a chain of links, whether or not it exists. The links of /proc name no paths, so the chain
/// ends before them.
Result<fs::path> behind_links(const fs::path& start) {
  fs::path path = start;
  for (int i = 0; i < links_max; ++i) {
    std::error_code failure;
    const fs::path next = fs::read_symlink(path, failure);
    if (failure || is_process_file(path)) return path;
    path = path.parent_path() / next;
  }
  return write_error(start, std::make_error_code(std::errc::too_many_symbolic_link_levels));
}

Result<Target> find_target(const fs::path& path) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) return write_error(path, last_error());
  if (exists && S_ISDIR(status.st_mode)) return write_error(path, std::make_error_code(std::errc::is_a_directory));
  if (exists && !S_ISREG(status.st_mode)) return Target{path, Target::Way::through, std::nullopt};
  auto last = behind_links(path);
  if (!last) return std::move(last.error());
  if (!exists) return Target{std::move(*last), Target::Way::rename, std::nullopt};
  // A file that a shell opened for the program, as in `-o /dev/stdout >FILE`, may have other writers.
  if (is_process_file(*last)) return Target{path, Target::Way::append, std::nullopt};
  return Target{std::move(*last), status.st_nlink > 1 ? Target::Way::overwrite : Target::Way::rename, status};
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Status write_through(const fs::path& path, int flags, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags));
  if (!file || !write_all(file.number(), content) || !file.close()) return write_error(path, last_error());
  return Ok{};
}

/// Makes a file with a new name in `folder`; the descriptor is invalid when the folder accepts no file.
std::pair<Descriptor, fs::path> make_temporary(const fs::path& folder) {
  std::random_device random;
  for (;;) {
    const auto number = std::uint64_t{random()} << 32 | random();
    fs::path name = folder / fmt::format(".inpaint-{:016x}.part", number);
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file || errno != EEXIST) return {std::move(file), std::move(name)};
  }
}

/// Sets owner and mode of the new file to those of the earlier one; the mode last, because a new owner resets a part of
/// it.
bool keep_attributes(int file, const struct stat& earlier) {
  struct stat now{};
  if (::fstat(file, &now) != 0) return false;
  const bool owned = now.st_uid == earlier.st_uid && now.st_gid == earlier.st_gid;
  return (owned || ::fchown(file, earlier.st_uid, earlier.st_gid) == 0) &&
         ::fchmod(file, earlier.st_mode & mode_bits) == 0;
}

/// Gives a file the times of `from`, and its owner and mode as far as the system permits. A file of another owner does
/// not get the bits that let programs run as their owner.
bool preserve(int file, const Attributes& from) {
  constexpr mode_t permissions = 0777;
  const bool owned = ::fchown(file, from.st_uid, from.st_gid) == 0;
  (void)::fchmod(file, from.st_mode & (owned ? mode_bits : permissions));
  const timespec times[] = {from.st_atim, from.st_mtim};
  return ::futimens(file, times) == 0;
}

/// Writes to an open regular file, down to the disk, so that no power failure leaves a part of it.
bool write_regular(int file, std::string_view content, const Attributes* preserved) {
  return write_all(file, content) && (preserved == nullptr || preserve(file, *preserved)) && ::fsync(file) == 0;
}

/// Overwrites a file that has to stay the same file. Its old bytes stay if there is no space for the new ones.
Status overwrite(const fs::path& path, std::string_view content, const Attributes* preserved) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  struct stat earlier{};
  if (!file || ::fstat(file.number(), &earlier) != 0) return write_error(path, last_error());
  const auto size = static_cast<off_t>(content.size());
  if (size > earlier.st_size)
    if (const int failure = ::posix_fallocate(file.number(), 0, size); failure != 0) {
      (void)::ftruncate(file.number(), earlier.st_size);
      return write_error(path, {failure, std::generic_category()});
    }
  if (!write_all(file.number(), content) || ::ftruncate(file.number(), size) != 0 ||
      !write_regular(file.number(), {}, preserved) || !file.close())
    return write_error(path, last_error());
  return Ok{};
}

Status write_and_rename(const Target& target, std::string_view content, const Attributes* preserved) {
  auto [file, temporary] = make_temporary(folder_of(target.path));
  if (!file) {
    if (target.earlier) return overwrite(target.path, content, preserved);
    return write_error(target.path, last_error());
  }
  const auto give_up = [&temporary = temporary, &target](std::error_code cause) {
    ::unlink(temporary.c_str());
    return write_error(target.path, cause);
  };
  if (target.earlier && !keep_attributes(file.number(), *target.earlier)) {
    ::unlink(temporary.c_str());
    return overwrite(target.path, content, preserved);
  }
  if (!write_regular(file.number(), content, preserved) || !file.close()) return give_up(last_error());
  if (::rename(temporary.c_str(), target.path.c_str()) != 0) return give_up(last_error());
  return Ok{};
}

}  // namespace

Status prepare_output(const fs::path& path) {
  if (path == standard_stream) return Ok{};
  const auto target = find_target(path);
  if (!target) return target.error();
  if (target->way == Target::Way::append) return Ok{};
  if (target->way == Target::Way::through)
    return ::access(path.c_str(), W_OK) == 0 ? Status(Ok{}) : write_error(path, last_error());
  const fs::path folder = folder_of(target->path);
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return write_error(path, failure);
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return Ok{};
  const auto cause = last_error();
  if (target->earlier && ::access(target->path.c_str(), W_OK) == 0) return Ok{};
  return write_error(path, cause);
}

Result<Attributes> attributes_of(const fs::path& path) {
  Attributes attributes{};
  if (::stat(path.c_str(), &attributes) == 0) return attributes;
  return Error{ErrorCode::internal,
               fmt::format("the file {} cannot be read: {}", path.string(), last_error().message())};
}

Status write_file(const fs::path& path, std::string_view content, const Attributes* preserved) {
  if (path == standard_stream) {
    if (write_all(STDOUT_FILENO, content)) return Ok{};
    return Error{ErrorCode::internal, fmt::format("standard output cannot be written: {}", last_error().message())};
  }
  const auto target = find_target(path);
  if (!target) return target.error();
  switch (target->way) {
    case Target::Way::rename:
      return write_and_rename(*target, content, preserved);
    case Target::Way::overwrite:
      return overwrite(target->path, content, preserved);
    case Target::Way::append:
      return write_through(target->path, O_APPEND, content);
    case Target::Way::through:
      break;
  }
  return write_through(target->path, 0, content);
}

}  // namespace inpaintd::tools
