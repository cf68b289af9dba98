package io.amends.examples.loyalty.points;

/** A user as the points side knows it; what version it has is not its business. */
record LocalUser(String id, String name, String region, long regionVersion) {}
