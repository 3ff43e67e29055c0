// SPDX-License-Identifier: Apache-2.0
#include "gateway/text/multipart.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace inpaintd::gateway;

namespace {

std::string part(const std::string& disposition, const std::string& data) {
  return "--X\r\nContent-Disposition: " + disposition + "\r\n\r\n" + data + "\r\n";
}

std::string complaint(const std::string& body, const std::string& boundary = "X") {
  const auto parts = parse_multipart(body, boundary);
  return parts ? "none" : parts.error().message;
}

}  // namespace

TEST_CASE("the parts of a form are found, with their names and their bytes") {
  const std::string body = "preamble\r\n" + part("form-data; name=\"image\"; filename=\"a.png\"", "\r\n--X1\r\n--\0x") +
                           part("form-data; name=dilate", "3") + part("form-data; name=\"empty\"", "") +
                           "--X--\r\nepilogue";
  const auto parts = parse_multipart(body, "X");
  REQUIRE(parts);
  REQUIRE(parts->size() == 3);
  CHECK((*parts)[0].name == "image");
  CHECK((*parts)[0].filename == "a.png");
  CHECK((*parts)[0].data == "\r\n--X1\r\n--");
  CHECK((*parts)[1].name == "dilate");
  CHECK((*parts)[1].data == "3");
  CHECK((*parts)[2].data == "");
}

TEST_CASE("a boundary that begins a longer line of the data does not end the part") {
  const std::string body = part("form-data; name=a", "1\r\n--Xyz\r\n2") + "--X--";
  const auto parts = parse_multipart(body, "X");
  REQUIRE(parts);
  CHECK(parts->at(0).data == "1\r\n--Xyz\r\n2");
}

TEST_CASE("other headers of a part, blanks after a boundary and a form without parts are understood") {
  const std::string body =
      "--X \t\r\nContent-Type: image/png\r\ncontent-disposition: form-data; name=a\r\nX-Other: 1\r\n\r\nb\r\n--X--";
  const auto parts = parse_multipart(body, "X");
  REQUIRE(parts);
  CHECK(parts->at(0).name == "a");
  CHECK(parts->at(0).data == "b");
  CHECK(parse_multipart("--X--", "X")->empty());
}

TEST_CASE("a broken form is refused with the reason") {
  CHECK(complaint("", "").starts_with("Content-Type has no usable boundary"));
  CHECK(complaint("", std::string(71, 'b')).starts_with("Content-Type has no usable boundary"));
  CHECK(complaint("--X--", std::string(70, 'b')).starts_with("the form has no part"));
  CHECK(complaint("nothing").starts_with("the form has no part"));
  CHECK(complaint("--X").starts_with("the form is cut off"));
  CHECK(complaint("--X\r\nContent-Disposition: form-data; name=a\r\n").starts_with("the headers of part 1"));
  CHECK(complaint("--X\r\nContent-Disposition: form-data; name=a\r\n\r\nb").starts_with("the form is cut off"));
  CHECK(complaint("--X\r\n\r\nb\r\n--X--").starts_with("part 1 has no name"));
  CHECK(complaint(part("form-data", "b") + "--X--").starts_with("part 1 has no name"));
  CHECK(complaint(part("attachment; name=a", "b") + "--X--").starts_with("part 1 has no name"));
}

TEST_CASE("parts and their headers are bounded, at the edge and one beyond") {
  std::string body;
  for (std::size_t i = 0; i < parts_max; ++i) body += part("form-data; name=a", "b");
  CHECK(parse_multipart(body + "--X--", "X")->size() == parts_max);
  CHECK(complaint(body + part("form-data; name=a", "b") + "--X--").starts_with("the form has more than 128 parts"));
  const std::string start = "form-data; name=a; x=", name = "Content-Disposition: ";
  const std::string longest = start + std::string(part_header_bytes_max - start.size() - name.size(), 'x');
  CHECK(complaint(part(longest, "b") + "--X--") == "none");
  CHECK(complaint(part(longest + "x", "b") + "--X--").starts_with("the headers of part 1"));
}
