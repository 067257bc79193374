/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON <-> D-Bus: object = a{sv}, array of objects = aa{sv}, array of strings = as, integer = x,
 * real = d, boolean = b, string = s. An empty array is aa{sv}, null is left out. One
 * representation for replies, for `-j` and for tables.
 */
#ifndef XN_COMMON_BUSJSON_H
#define XN_COMMON_BUSJSON_H

#include <jansson.h>
#include <systemd/sd-bus.h>

/* Append @value (object or array) to @m as a{sv}, aa{sv} or as. Return: 0, or -errno;
 * -EINVAL for what has no such form: arrays of numbers, of arrays, or mixed. */
int xn_bus_append_json(sd_bus_message *m, const json_t *value);

/* Read the next complete value of @m, whatever its type.
 * Return: 0, or -errno (-ENODATA: there is none, -ELOOP: nested too deeply, -E2BIG: too much);
 * *@value is a new reference, or NULL. */
int xn_bus_read_json(sd_bus_message *m, json_t **value);

#endif
