/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of csta/spelling.h and csta/spelling_xml.h, made of csta/chapters/.
 */
#include "csta/spelling.h"

#include "csta/spelling_xml.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define TYPE(name)                                   extern asn_TYPE_descriptor_t asn_DEF_##name;
#define FIELD(type, field, xml)                      TYPE(type)
#define ITEM(type, xml)                              TYPE(type)
#define VALUE(type, name, xml)                       TYPE(type)
#define BITS(type, names)                            TYPE(type)
#define STANDARD(type, value)                        TYPE(type)
#define STANDARD_FIELD(type, field, value)           TYPE(type)
#define FLAT(type, field)                            TYPE(type)
#define SECRET(type)                                 TYPE(type)
#define SECRET_FIELD(type, field)                    TYPE(type)
#define SHAPE(type, shape, item)                     TYPE(type)
#define SHAPE_FIELD(type, field, shape, item)        TYPE(type)
#define SINCE_FIELD(type, name, edition)             TYPE(type)
#define SINCE_VALUE(type, name, edition, substitute) TYPE(type)
#define FILL(type, value)                            TYPE(type)
#define FILL_FIELD(type, field)                      TYPE(type)
#define REQUIRED(type, field)                        TYPE(type)
#define ORDER(type, fields)                          TYPE(type)
#define RENAMED(type, name, edition, before)         TYPE(type)
#define DEMANDED(type, after, name, edition, text)   TYPE(type)
#define ONLY_XML(type, after, names, edition)        TYPE(type)
#include "csta/chapters/all.def"

const struct csta_field_spelling csta_field_spellings[] = {
#define FIELD(type, field, xml)    {&asn_DEF_##type, #field, #xml},
#define FIELD_ANYWHERE(field, xml) {NULL, #field, #xml},
#define ITEM(type, xml)            {&asn_DEF_##type, "", #xml},
#include "csta/chapters/all.def"
};
const size_t csta_field_spelling_count = COUNT(csta_field_spellings);

const struct csta_standard_value csta_standard_values[] = {
#define STANDARD(type, value)              {&asn_DEF_##type, NULL, #value},
#define STANDARD_FIELD(type, field, value) {&asn_DEF_##type, #field, #value},
#include "csta/chapters/all.def"
};
const size_t csta_standard_value_count = COUNT(csta_standard_values);

const struct csta_bit_names csta_bit_names[] = {
#define BITS(type, names) {&asn_DEF_##type, names},
#include "csta/chapters/all.def"
};
const size_t csta_bit_names_count = COUNT(csta_bit_names);

const struct csta_enum_spelling csta_enum_spellings[] = {
#define VALUE(type, name, xml) {&asn_DEF_##type, #name, #xml},
#include "csta/chapters/all.def"
};
const size_t csta_enum_spelling_count = COUNT(csta_enum_spellings);

const struct csta_marked_field csta_secrets[] = {
#define SECRET(type)              {&asn_DEF_##type, NULL},
#define SECRET_FIELD(type, field) {&asn_DEF_##type, #field},
#include "csta/chapters/all.def"
};
const size_t csta_secret_count = COUNT(csta_secrets);

const struct csta_marked_field csta_flats[] = {
#define FLAT(type, field) {&asn_DEF_##type, #field},
#include "csta/chapters/all.def"
};
const size_t csta_flat_count = COUNT(csta_flats);

const struct xml_shape_spelling xml_shape_spellings[] = {
#define SHAPE(type, shape, item)              {&asn_DEF_##type, NULL, shape, item},
#define SHAPE_FIELD(type, field, shape, item) {&asn_DEF_##type, #field, shape, item},
#define SHAPE_ANYWHERE(field, shape)          {NULL, #field, shape, NULL},
#include "csta/chapters/all.def"
};
const size_t xml_shape_spelling_count = COUNT(xml_shape_spellings);

const struct xml_edition_spelling xml_edition_spellings[] = {
#define SINCE_FIELD(type, name, edition)             {&asn_DEF_##type, #name, edition, NULL},
#define SINCE_ANYWHERE(name, edition)                {NULL, #name, edition, NULL},
#define SINCE_VALUE(type, name, edition, substitute) {&asn_DEF_##type, #name, edition, #substitute},
#include "csta/chapters/all.def"
};
const size_t xml_edition_spelling_count = COUNT(xml_edition_spellings);

const struct xml_fill_spelling xml_fill_spellings[] = {
#define FILL(type, value)       {&asn_DEF_##type, NULL, value},
#define FILL_FIELD(type, field) {&asn_DEF_##type, #field, NULL},
#include "csta/chapters/all.def"
};
const size_t xml_fill_spelling_count = COUNT(xml_fill_spellings);

const struct csta_marked_field xml_required_spellings[] = {
#define REQUIRED(type, field) {&asn_DEF_##type, #field},
#include "csta/chapters/all.def"
};
const size_t xml_required_spelling_count = COUNT(xml_required_spellings);

const struct xml_order_spelling xml_order_spellings[] = {
#define ORDER(type, fields) {&asn_DEF_##type, fields},
#include "csta/chapters/all.def"
};
const size_t xml_order_spelling_count = COUNT(xml_order_spellings);

const struct xml_renamed_spelling xml_renamed_spellings[] = {
#define RENAMED(type, name, edition, before) {&asn_DEF_##type, #name, edition, #before},
#include "csta/chapters/all.def"
};
const size_t xml_renamed_spelling_count = COUNT(xml_renamed_spellings);

const struct xml_foreign_spelling xml_foreign_spellings[] = {
#define DEMANDED(type, after, name, edition, text)                                                 \
	{&asn_DEF_##type, #after, #name, edition, text, true},
#define ONLY_XML(type, after, names, edition)                                                      \
	{&asn_DEF_##type, #after, names, edition, "false", false},
#include "csta/chapters/all.def"
};
const size_t xml_foreign_spelling_count = COUNT(xml_foreign_spellings);
