"""What happens to each kind of input; HTTP, SMTP and Kafka all end here."""
