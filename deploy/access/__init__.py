"""What each service may do on shared servers: Kafka ACLs, a MongoDB role and user, a Redis user. From the registry."""
