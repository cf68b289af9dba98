package io.amends.examples.loyalty.points;

/** A user as the points side knows it. */
record LocalUser(String id, String name, String region, long regionVersion, long entityVersion) {}
