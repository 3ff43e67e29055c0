// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <future>

#include "tests/support/temporary_directory.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

struct stat status_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status;
}

bool is_root() { return ::geteuid() == 0; }

}  // namespace

TEST_CASE("a file that was written is read back, and no temporary file remains") {
  const test::TemporaryDirectory folder;
  const std::string content("a\0b\n", 4);
  REQUIRE(write_file(folder.path() / "x.png", content));
  REQUIRE(write_file(folder.path() / "empty.png", ""));
  CHECK(*read_file(folder.path() / "x.png") == content);
  CHECK(read_file(folder.path() / "empty.png")->empty());
  CHECK(entries(folder.path()) == 2);
  const std::string longest(255, 'n');
  REQUIRE(write_file(folder.path() / longest, content));
  CHECK(*read_file(folder.path() / longest) == content);
}

TEST_CASE("a file that is replaced keeps its mode and owner, and readers of the earlier one still have all of it") {
  const test::TemporaryDirectory folder;
  const std::string path = folder.write("secret.png", "earlier");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  if (is_root()) REQUIRE(::chown(path.c_str(), 12345, 23456) == 0);
  const auto before = status_of(path);
  const int reader = ::open(path.c_str(), O_RDONLY);
  REQUIRE(write_file(path, "new"));
  const auto after = status_of(path);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  char earlier[8] = {};
  CHECK(::read(reader, earlier, sizeof earlier) == 7);
  ::close(reader);
  CHECK(*read_file(path) == "new");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a file gets the times, the mode and, if permitted, the owner of another file") {
  const test::TemporaryDirectory folder;
  const std::string source = folder.write("photo.jpg", "photo"), earlier = folder.write("earlier.jpg", "earlier");
  const timespec times[] = {{1'000'000'001, 250}, {1'234'567'890, 987'654'321}};
  REQUIRE(::chmod(source.c_str(), 0640) == 0);
  if (is_root()) REQUIRE(::chown(source.c_str(), 12345, 23456) == 0);
  REQUIRE(::utimensat(AT_FDCWD, source.c_str(), times, 0) == 0);
  const std::string linked = folder.write("linked.jpg", "a longer one");
  fs::create_hard_link(linked, folder.path() / "other name.jpg");
  const auto attributes = attributes_of(source);
  REQUIRE(attributes);
  for (const std::string& path : {(folder.path() / "new.jpg").string(), earlier, linked, source}) {
    CAPTURE(path);
    REQUIRE(write_file(path, "new", &*attributes));
    CHECK(*read_file(path) == "new");
    const auto status = status_of(path);
    CHECK(status.st_mtim.tv_sec == 1'234'567'890);
    CHECK(status.st_mtim.tv_nsec == 987'654'321);
    CHECK((status.st_mode & 07777) == 0640);
    if (is_root()) CHECK(status.st_uid == 12345);
  }
  CHECK(*read_file(folder.path() / "other name.jpg") == "new");
  CHECK(attributes_of(folder.path() / "none")
            .error()
            .message.ends_with("none cannot be read: No such file or directory"));
}

TEST_CASE("without space for the new bytes, the earlier file stays, also one that is overwritten in its place") {
  const test::TemporaryDirectory folder;
  const std::string alone = folder.write("alone.png", "earlier"), linked = folder.write("linked.png", "earlier");
  fs::create_hard_link(linked, folder.path() / "other.png");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Status one = write_file(alone, std::string(1000, 'n')), other = write_file(linked, std::string(1000, 'n'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  CHECK(!one);
  CHECK(!other);
  CHECK(*read_file(alone) == "earlier");
  CHECK(*read_file(linked) == "earlier");
  CHECK(entries(folder.path()) == 3);
  REQUIRE(write_file(linked, "new"));
  CHECK(*read_file(folder.path() / "other.png") == "new");
}

TEST_CASE("a new file has the mode that the user's mask leaves") {
  const test::TemporaryDirectory folder;
  const mode_t earlier = ::umask(027);
  REQUIRE(write_file(folder.path() / "x.png", "x"));
  ::umask(earlier);
  CHECK((status_of(folder / "x.png").st_mode & 0777) == 0640);
}

TEST_CASE("symbolic links are followed, relative, chained and dangling ones, and stay links") {
  const test::TemporaryDirectory folder;
  fs::create_directory(folder.path() / "deep");
  folder.write("deep/real.png", "earlier");
  fs::create_symlink("deep/real.png", folder.path() / "one.png");
  fs::create_symlink("one.png", folder.path() / "two.png");
  fs::create_symlink("deep/new.png", folder.path() / "dangling.png");
  REQUIRE(write_file(folder.path() / "two.png", "new"));
  REQUIRE(write_file(folder.path() / "dangling.png", "made"));
  CHECK(*read_file(folder.path() / "deep" / "real.png") == "new");
  CHECK(*read_file(folder.path() / "deep" / "new.png") == "made");
  for (const char* link : {"one.png", "two.png", "dangling.png"}) CHECK(fs::is_symlink(folder.path() / link));
  CHECK(entries(folder.path() / "deep") == 2);
  fs::create_symlink("round.png", folder.path() / "round.png");
  CHECK_FALSE(write_file(folder.path() / "round.png", "x"));
}

TEST_CASE("a file with several names keeps them all") {
  const test::TemporaryDirectory folder;
  folder.write("a.png", "a longer earlier content");
  fs::create_hard_link(folder.path() / "a.png", folder.path() / "b.png");
  REQUIRE(write_file(folder.path() / "a.png", "new"));
  CHECK(*read_file(folder.path() / "b.png") == "new");
}

TEST_CASE("devices are written through and stay devices") {
  REQUIRE(prepare_output("/dev/null"));
  REQUIRE(write_file("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));
  CHECK_FALSE(write_file("/dev/full", "x"));
  CHECK(fs::is_character_file("/dev/full"));
  const test::TemporaryDirectory folder;
  fs::create_symlink("/dev/null", folder.path() / "null.png");
  REQUIRE(write_file(folder.path() / "null.png", "x"));
  CHECK(fs::is_symlink(folder.path() / "null.png"));
  if (!is_root()) return;
  if (::mknod((folder / "node").c_str(), S_IFCHR | 0666, 1 << 8 | 3) != 0) return;  // not in every container
  (void)write_file(folder.path() / "node", "x");  // a file system may forbid the use of devices
  CHECK(fs::is_character_file(folder.path() / "node"));
}

TEST_CASE("a named pipe is written through: its reader gets every byte") {
  const test::TemporaryDirectory folder;
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  REQUIRE(prepare_output(pipe));
  const std::string content(1 << 20, 'x');  // more than the pipe holds
  auto written = std::async(std::launch::async, [&] { return bool(write_file(pipe, content)); });
  CHECK(*read_file(pipe) == content);
  CHECK(written.get());
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("an output is checked before anything is computed, and missing folders are made") {
  const test::TemporaryDirectory folder;
  REQUIRE(prepare_output(folder.path() / "a" / "b" / "x.png"));
  CHECK(fs::is_directory(folder.path() / "a" / "b"));
  CHECK_FALSE(fs::exists(folder.path() / "a" / "b" / "x.png"));
  CHECK(prepare_output("-"));
  const auto is_folder = prepare_output(folder.path() / "a");
  REQUIRE_FALSE(is_folder);
  CHECK(is_folder.error().message == "the file " + (folder / "a") + " cannot be written: Is a directory");
  folder.write("file", "x");
  CHECK_FALSE(prepare_output(folder.path() / "file" / "x.png"));
  CHECK_FALSE(prepare_output("/proc/no/such/folder/x.png"));
  CHECK_FALSE(write_file("/proc/no/such/folder/x.png", "x"));
}

TEST_CASE("a file that a shell opened for the program is appended to, not replaced") {
  const test::TemporaryDirectory folder;
  const std::string path = folder.write("log", "earlier ");
  const int file = ::open(path.c_str(), O_WRONLY);
  REQUIRE(write_file("/proc/self/fd/" + std::to_string(file), "new"));
  ::close(file);
  CHECK(*read_file(path) == "earlier new");
}

}  // namespace inpaintd::tools
