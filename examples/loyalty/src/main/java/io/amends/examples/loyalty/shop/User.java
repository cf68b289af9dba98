package io.amends.examples.loyalty.shop;

/** A user of the shop. */
public record User(String id, String name, String region, long regionVersion, long entityVersion) {}
