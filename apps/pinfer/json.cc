// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pinfer {

// Between this type and the library's.
struct JsonWriter {
  using Library = nlohmann::ordered_json;

  static Library to_library(const Json& json) {
    switch (json.kind_) {
      case Json::Kind::null:
        return nullptr;
      case Json::Kind::boolean:
        return json.number_.natural != 0;
      case Json::Kind::integer:
        return json.number_.integer;
      case Json::Kind::natural:
        return json.number_.natural;
      case Json::Kind::real:
        return json.number_.real;
      case Json::Kind::text:
        return json.text_;
      case Json::Kind::array: {
        Library array = Library::array();
        for (const Json& item : json.items_) array.push_back(to_library(item));
        return array;
      }
      case Json::Kind::object: {
        Library object = Library::object();
        for (std::size_t i = 0; i < json.items_.size(); ++i)
          object[json.keys_[i]] = to_library(json.items_[i]);
        return object;
      }
    }
    return nullptr;
  }

  static Json from_library(const Library& library) {
    switch (library.type()) {
      case Library::value_t::boolean:
        return library.get<bool>();
      case Library::value_t::number_integer:
        return library.get<std::int64_t>();
      case Library::value_t::number_unsigned:
        return library.get<std::uint64_t>();
      case Library::value_t::number_float:
        return library.get<double>();
      case Library::value_t::string:
        return library.get_ref<const std::string&>();
      case Library::value_t::array: {
        Json array = Json::array();
        for (const Library& item : library) array.push_back(from_library(item));
        return array;
      }
      case Library::value_t::object: {
        Json object = Json::object();
        for (const auto& [key, value] : library.items()) object[key] = from_library(value);
        return object;
      }
      default:
        return nullptr;
    }
  }
};

Json::Json() noexcept = default;
Json::Json(std::nullptr_t) noexcept {}
Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;
Json::Json(Number number, Kind kind) noexcept : kind_(kind), number_(number) {}
Json::Json(const std::string& value) : kind_(Kind::text), text_(value) {}
Json::Json(std::string_view value) : kind_(Kind::text), text_(value) {}
Json::Json(const char* value) : kind_(Kind::text), text_(value) {}

Json::Json(std::initializer_list<Json> parts) {
  const bool pairs = std::all_of(parts.begin(), parts.end(), [](const Json& part) {
    return part.kind_ == Kind::array && part.items_.size() == 2 &&
           part.items_[0].kind_ == Kind::text;
  });
  if (!pairs) {
    kind_ = Kind::array;
    items_.assign(parts.begin(), parts.end());
    return;
  }
  kind_ = Kind::object;
  for (const Json& part : parts) (*this)[part.items_[0].text_] = part.items_[1];
}

Json Json::array(std::initializer_list<Json> parts) {
  Json json;
  json.kind_ = Kind::array;
  json.items_.assign(parts.begin(), parts.end());
  return json;
}

Json Json::object() {
  Json json;
  json.kind_ = Kind::object;
  return json;
}

Json Json::parse(std::string_view text) {
  return JsonWriter::from_library(JsonWriter::Library::parse(text, nullptr, false));
}

Json& Json::operator[](std::string_view key) {
  kind_ = Kind::object;
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found != keys_.end()) return items_[static_cast<std::size_t>(found - keys_.begin())];
  keys_.emplace_back(key);
  return items_.emplace_back();
}

Json& Json::operator[](const char* key) { return (*this)[std::string_view(key)]; }
Json& Json::operator[](std::size_t index) { return items_[index]; }
Json& Json::back() { return items_.back(); }

void Json::push_back(Json value) {
  kind_ = Kind::array;
  items_.push_back(std::move(value));
}

std::string Json::dump(int indent) const {
  return JsonWriter::to_library(*this).dump(indent, ' ', false,
                                            JsonWriter::Library::error_handler_t::replace);
}

void print_json(std::ostream& out, const Json& json) { out << json.dump() << "\n"; }

}  // namespace pinfer
