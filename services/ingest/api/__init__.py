"""HTTP in and out: the same functions as SMTP and Kafka, behind the permission of each."""
