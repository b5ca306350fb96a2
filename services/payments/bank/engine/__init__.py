"""The formats that banks read and write: ISO 20022 in XML. Pure."""
