"""The published language: one module per Kafka topic, plus the values they share (`common`)."""
